// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { listed } from "../lib/bidi.js";
import { N_, _ } from "../lib/gettext.js";
import type { Condition, ListedKind } from "../state/list.js";
import type { Export } from "../state/objects.js";

export { cacheStateName, modeName, operationName, problemWords, userWords, usersWords } from "../state/words.js";

const plurals: Readonly<Record<ListedKind, string>> = {
    volumes: N_("Volumes"),
    caches: N_("Caches"),
    ports: N_("NVMe ports"),
    exports: N_("NVMe exports"),
};

/** The heading of a kind's list. */
export const kindName = (kind: ListedKind): string => _(plurals[kind]);

const singulars: Readonly<Record<ListedKind, string>> = {
    volumes: N_("Volume $0"),
    caches: N_("Cache $0"),
    ports: N_("NVMe port $0"),
    exports: N_("NVMe export $0"),
};

/** The heading of an object's page, with $0 for its name. */
export const objectTitle = (kind: ListedKind): string => _(singulars[kind]);

const nothings: Readonly<Record<ListedKind, string>> = {
    volumes: N_("No volumes yet. A volume is a disk whose blocks are in RAM."),
    caches: N_("No caches yet. A cache keeps blocks of a slower disk in a volume."),
    ports: N_("No ports yet. Other machines reach exports through a port of the NVMe target."),
    exports: N_("No exports yet. An export gives a volume or a cache to other machines."),
};

/** What stands in place of an empty list. */
export const nothingYet = (kind: ListedKind): string => _(nothings[kind]);

const conditionNames: Readonly<Record<Condition, string>> = {
    "in-use": N_("In use"),
    free: N_("Not in use"),
    saved: N_("Saved at boot"),
    unsaved: N_("Not saved at boot"),
    outside: N_("Made outside"),
};

/** What lists can be narrowed to, for people. */
export const conditionName = (condition: Condition): string => _(conditionNames[condition]);

/** Says in a few words which hosts may connect to an export. */
export function whoMay(it: Export): string {
    if (it.AllowAnyHost) return _("Any host");
    return it.AllowedHosts.length === 0 ? _("No host yet") : listed(it.AllowedHosts);
}
