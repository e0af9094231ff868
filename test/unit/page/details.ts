// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Details } from "../../../cockpit-plugin/src/state/details.js";
import type { Variant } from "../../../service/src/bus/index.js";
import { usersProperties } from "../../../service/src/daemon/details.js";
import type { User } from "../../../service/src/model/users.js";

/** A dictionary of the service as the page's store has it. */
export const onPage = (details: ReadonlyMap<string, Variant>): Details =>
    Object.fromEntries(
        [...details].map(([name, { value }]) => [name, typeof value === "bigint" ? Number(value) : value]),
    );

/** The properties of an object that these use, as the page's store has them. */
export function usedBy(...users: User[]): { InUse: boolean; Users: string[]; UserDetails: Details[] } {
    const told = usersProperties(users);
    return { ...told, UserDetails: told.UserDetails.map(onPage) };
}
