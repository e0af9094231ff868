// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Gives the short name of an interface in code: org.rapiddisk.Manager.Volume is "Volume". */
export function shortName(interfaceName: string): string {
    return interfaceName.slice(interfaceName.lastIndexOf(".") + 1);
}
