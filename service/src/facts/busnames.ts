// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Well-known name of the service on the system bus. */
export const SERVICE = "org.rapiddisk.Manager";
/** Object path of the root object, which is also the ObjectManager. */
export const ROOT = "/org/rapiddisk/Manager";

/** Interfaces of the service, under the names that the code uses for them. */
export const INTERFACE = {
    manager: "org.rapiddisk.Manager",
    volume: "org.rapiddisk.Manager.Volume",
    cache: "org.rapiddisk.Manager.Cache",
    port: "org.rapiddisk.Manager.Port",
    export: "org.rapiddisk.Manager.Export",
    job: "org.rapiddisk.Manager.Job",
    tokens: "org.rapiddisk.Manager.Tokens",
} as const;

/** Interface of each kind of object. The kinds are also the folders of their object paths, below the root. */
export const INTERFACE_OF = {
    volumes: INTERFACE.volume,
    caches: INTERFACE.cache,
    ports: INTERFACE.port,
    exports: INTERFACE.export,
    jobs: INTERFACE.job,
} as const;

/** A kind of object. */
export type ObjectKind = keyof typeof INTERFACE_OF;

/** How the names of the service's errors begin; a dot and the kind follow. */
export const ERROR_PREFIX = "org.rapiddisk.Manager.Error";
/** How the names of its polkit actions begin; a dot and the action follow. */
export const ACTION_PREFIX = "org.rapiddisk.manager";

/** Annotations of `dbus/*.xml` (dbus/README.md): the polkit action of a method, and how those begin that describe an option. */
export const ANNOTATION = {
    action: "org.rapiddisk.Manager.PolkitAction",
    option: "org.rapiddisk.Manager.Option.",
    commonOption: "org.rapiddisk.Manager.CommonOption.",
} as const;
