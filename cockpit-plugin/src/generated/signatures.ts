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
        "GetAllStatistics": "a{sv}",
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
        "Resize": "a{sv}",
        "Flush": "a{sv}",
        "Remove": "a{sv}",
        "SetPersistent": "ba{sv}",
        "SetMode": "sa{sv}"
    },
    "org.rapiddisk.Manager.Export": {
        "AllowHost": "sa{sv}",
        "DenyHost": "sa{sv}",
        "TakeHostKeys": "asa{sv}",
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

/** Options of every method with options, as "KEY:TYPE", by interface. */
export interface OptionTypes {
    "org.rapiddisk.Manager": {
        LoadModules: never;
        GetResources: never;
        GetAllStatistics: never;
        CreateVolume: "number:u" | "populate:b" | "persist:b";
        CreateCache: "name:s" | "persist:b";
        CreatePort: "service:s" | "family:s" | "tls:b" | "persist:b";
        CreateExport: "nqn:s" | "ports:as" | "hosts:as" | "allow-any-host:b" | "no-key:b" | "serial:s" | "model:s" | "persist:b";
        Restore: "parts:as" | "wait:u";
        Forget: never;
    };
    "org.rapiddisk.Manager.Cache": {
        GetStatistics: never;
        ResetStatistics: never;
        Resize: never;
        Flush: never;
        Remove: "lose-unwritten:b";
        SetPersistent: never;
        SetMode: never;
    };
    "org.rapiddisk.Manager.Export": {
        AllowHost: "key:s" | "controller-key:s" | "hash:s" | "dhgroup:s" | "no-key:b";
        DenyHost: never;
        TakeHostKeys: never;
        SetAllowAnyHost: never;
        SetHostKeys: "key:s" | "controller-key:s" | "hash:s" | "dhgroup:s" | "clear:b";
        AddPort: "allow-any-host:b";
        RemovePort: never;
        SetEnabled: never;
        Revalidate: never;
        Remove: never;
        SetPersistent: never;
        GetStatistics: never;
        GetConnections: never;
    };
    "org.rapiddisk.Manager.Job": {
        Cancel: never;
    };
    "org.rapiddisk.Manager.Port": {
        Remove: never;
        SetPersistent: never;
    };
    "org.rapiddisk.Manager.Tokens": {
        CreateToken: "lifetime:u";
        ListTokens: never;
        RevokeToken: never;
        GetTokenDigests: never;
    };
    "org.rapiddisk.Manager.Volume": {
        Resize: never;
        SetReadOnly: never;
        Erase: never;
        Remove: never;
        GetStatistics: never;
        SetPersistent: never;
    };
}
