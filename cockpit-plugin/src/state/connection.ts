// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The hosts that are connected to an export through one of its ports. */
export interface PortConnection {
    readonly port: number;
    readonly transport: string;
    /** Whether the service can tell. */
    readonly known: boolean;
    /** Whether these hosts are certainly connected to this export, and not to another one on the same port. */
    readonly exclusive: boolean;
    readonly hosts: readonly string[];
}
