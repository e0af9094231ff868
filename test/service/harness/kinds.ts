// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The programs that distributions run their system bus on. */
export const BUS_KINDS = ["dbus-daemon", "dbus-broker"] as const;
export type BusKind = (typeof BUS_KINDS)[number];

/** What tests that do not choose run on; RAPIDDISK_TEST_BUS=dbus-broker runs all of them on the other one. */
export const DEFAULT_BUS: BusKind = BUS_KINDS.find((kind) => kind === process.env.RAPIDDISK_TEST_BUS) ?? "dbus-daemon";

/**
 * Describes the same promises on each of them. For what the bus itself could make different: who calls, what is passed on,
 * how lines are cut; what the service decides needs one bus only.
 */
export function onEachBus(title: string, suite: (this: Mocha.Suite, kind: BusKind) => void): void {
    for (const kind of BUS_KINDS) {
        describe(`${title}, on ${kind}`, function () {
            suite.call(this, kind);
        });
    }
}
