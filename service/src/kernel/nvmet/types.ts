// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the kernel port says of the NVMe target: its objects, and the network around them. */

/** One object of the target, or a link between two. Names are checked to be one component of a path. */
export type NvmetNode =
    | { kind: "subsystem"; nqn: string }
    /** `id` is 1 to 2^32 - 2. */
    | { kind: "namespace"; nqn: string; id: number }
    /** `id` is 1 to 65535. */
    | { kind: "port"; id: number }
    | { kind: "host"; host: string }
    /** The host may connect to the subsystem. */
    | { kind: "allowed-host"; nqn: string; host: string }
    /** The subsystem is reached through the port: what makes it visible on the network. */
    | { kind: "port-link"; port: number; nqn: string };

export type NvmetTransport = "tcp" | "rdma" | "loop" | "fc" | "pci" | "";

export interface NvmetNamespace {
    id: number;
    /** "" when none was set. */
    devicePath: string;
    uuid: string;
    nguid: string;
    enabled: boolean;
}

export interface NvmetSubsystem {
    nqn: string;
    /** Of this very object: another one of the same name has another. The same holds of ports and hosts. */
    inode: number;
    allowAnyHost: boolean;
    serial: string;
    model: string;
    /** NQNs of the hosts that may connect. */
    hosts: string[];
    /** In the order of their numbers. */
    namespaces: NvmetNamespace[];
}

export interface NvmetPort {
    id: number;
    transport: NvmetTransport;
    /** ipv4, ipv6, ib, fc, loop or "". */
    family: string;
    address: string;
    service: string;
    /** Interface of this host that has the address; "" when none has, or for a wildcard. */
    interface: string;
    tls: boolean;
    /** NQNs of the subsystems reached through it. */
    subsystems: string[];
    inode: number;
}

export interface NvmetHost {
    nqn: string;
    /** Whether a DH-HMAC-CHAP key is set; the key itself is never part of a reading. */
    hasKey: boolean;
    hasControllerKey: boolean;
    inode: number;
}

/** The whole target. */
export interface NvmetTree {
    /** Whether the module is loaded and its configfs is there. */
    present: boolean;
    subsystems: NvmetSubsystem[];
    ports: NvmetPort[];
    hosts: NvmetHost[];
}

/** What to read again of the target; the rest is taken from an earlier reading. */
export interface NvmetPart {
    nqn: string;
    since: NvmetTree;
}

/** What this kernel's target has, found out on scratch objects. */
export interface NvmetFeatures {
    /** DH-HMAC-CHAP. */
    auth: boolean;
    /** A port may ask for TLS. */
    tls: boolean;
    /** The TLS handshake service (tlshd of ktls-utils) runs; without it a TLS port refuses everybody. */
    tlshd: boolean;
}

/** An address of this host. */
export interface LocalAddress {
    interface: string;
    family: "ipv4" | "ipv6";
    /** Without a scope. */
    address: string;
}

/** The network of this host, as far as ports depend on it. */
export interface NetworkState {
    hostname: string;
    addresses: LocalAddress[];
    /** Whether there is any RDMA device. */
    rdma: boolean;
    /** TCP sockets that somebody listens on. */
    listeners: { family: "ipv4" | "ipv6"; address: string; port: number }[];
}

/** The hosts that are connected to the target, as far as this kernel tells. */
export interface TargetSessions {
    /** Controllers as the target itself tells; undefined when this kernel does not. */
    controllers: { nqn: string; port: number; host: string }[] | undefined;
    /** Established TCP connections to any local port. */
    tcp: { address: string; port: number; peer: string }[];
    /** Controllers of this host over the loop transport. */
    loop: { nqn: string; host: string }[];
}

/** Name of a scratch host, and address of a scratch port: no address begins so, and the model refuses such NQNs. */
export const PROBE_PREFIX = "rapiddisk-probe-";

/** A target that is not there. */
export const NO_TARGET: NvmetTree = { present: false, subsystems: [], ports: [], hosts: [] };
