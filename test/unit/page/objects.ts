// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Cache, Export, Port, Volume } from "../../../cockpit-plugin/src/state/objects.js";

/** A volume as the store has it. */
export function volume(number: number, more: Partial<Volume> = {}): Volume {
    const Name = `rd${number}`;
    return {
        path: `/org/rapiddisk/Manager/volumes/${Name}`,
        Name,
        Number: number,
        Device: `/dev/${Name}`,
        Size: 1 << 20,
        Used: 0,
        Populated: false,
        ReadOnly: false,
        Errors: 0,
        InUse: false,
        Users: [],
        Persistent: false,
        Managed: true,
        ...more,
    };
}

/** A write-through cache of /dev/sdb as the store has it. */
export function cache(Name: string, on: string, more: Partial<Cache> = {}): Cache {
    return {
        path: `/org/rapiddisk/Manager/caches/${Name}`,
        Name,
        Device: `/dev/mapper/${Name}`,
        Volume: on,
        Source: "/dev/sdb",
        State: "ok",
        Mode: "write-through",
        Size: 1 << 30,
        CacheSize: 1 << 20,
        BlockSize: 4096,
        InUse: false,
        Users: [],
        Persistent: false,
        Managed: true,
        ...more,
    };
}

/** A TCP port as the store has it. */
export function port(Id: number, more: Partial<Port> = {}): Port {
    return {
        path: `/org/rapiddisk/Manager/ports/${Id}`,
        Id,
        Transport: "tcp",
        Address: "192.0.2.10",
        Family: "ipv4",
        Service: "4420",
        Interface: "eth0",
        Exports: [],
        Tls: false,
        Persistent: false,
        Managed: true,
        ...more,
    };
}

/** An export as the store has it. */
export function exported(Nqn: string, backing: string, more: Partial<Export> = {}): Export {
    return {
        path: `/org/rapiddisk/Manager/exports/${Nqn}`,
        Nqn,
        NamespaceId: 1,
        Device: "/dev/rd0",
        Backing: backing,
        Enabled: true,
        AllowAnyHost: true,
        AllowedHosts: [],
        AuthenticatedHosts: [],
        Ports: [],
        Serial: "0",
        Model: "RapidDisk",
        Uuid: "",
        Nguid: "",
        Persistent: false,
        Managed: true,
        ...more,
    };
}

/** Objects by their paths. */
export function byPath<T extends { path: string }>(...objects: T[]): Map<string, T> {
    return new Map(objects.map((it) => [it.path, it]));
}
