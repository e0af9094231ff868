// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
// Generated from dbus/*.xml by tools/generate.ts: do not edit.

/** D-Bus signature of the arguments of every method, by interface. */
export const signatures = {
    "org.rapiddisk.Manager": {
        "LoadModules": "a{sv}",
        "GetResources": "a{sv}",
        "ListVolumes": "",
        "ListCaches": "",
        "ListPorts": "",
        "ListExports": "",
        "Resolve": "s",
        "CreateVolume": "ta{sv}",
        "CreateCache": "sssa{sv}",
        "CreatePort": "ussa{sv}",
        "CreateExport": "sa{sv}",
        "Restore": "a{sv}",
        "Forget": "sa{sv}"
    },
    "org.rapiddisk.Manager.Cache": {
        "GetStatistics": "a{sv}",
        "ResetStatistics": "a{sv}",
        "Flush": "a{sv}",
        "Remove": "a{sv}",
        "SetPersistent": "ba{sv}",
        "SetMode": "sa{sv}"
    },
    "org.rapiddisk.Manager.Export": {
        "AllowHost": "sa{sv}",
        "DenyHost": "sa{sv}",
        "SetAllowAnyHost": "ba{sv}",
        "SetHostKeys": "sa{sv}",
        "AddPort": "ua{sv}",
        "RemovePort": "ua{sv}",
        "SetEnabled": "ba{sv}",
        "Revalidate": "a{sv}",
        "Remove": "a{sv}",
        "SetPersistent": "ba{sv}",
        "GetStatistics": "a{sv}",
        "GetConnections": "a{sv}"
    },
    "org.rapiddisk.Manager.Job": {
        "Cancel": "a{sv}"
    },
    "org.rapiddisk.Manager.Port": {
        "Remove": "a{sv}",
        "SetPersistent": "ba{sv}"
    },
    "org.rapiddisk.Manager.Tokens": {
        "CreateToken": "ssa{sv}",
        "ListTokens": "a{sv}",
        "RevokeToken": "sa{sv}",
        "GetTokenDigests": "a{sv}"
    },
    "org.rapiddisk.Manager.Volume": {
        "Resize": "ta{sv}",
        "SetReadOnly": "ba{sv}",
        "Erase": "a{sv}",
        "Remove": "a{sv}",
        "GetStatistics": "a{sv}",
        "SetPersistent": "ba{sv}"
    }
} as const;
