// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { listed } from "../../lib/bidi.js";
import { byText, bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import type { Cache, Volume } from "../../state/objects.js";
import { usersWords } from "../../state/words.js";
import type { Choice } from "../base/choice.js";

function choice(it: Volume | Cache, locked: boolean): Choice {
    const users = usersWords(it);
    const excuse = users.length > 0 ? format(_("in use: $0"), listed(users)) : locked ? _("locked") : "";
    return { value: it.Name, label: listed([it.Name, bytes(it.Size)]), excuse };
}

/** Volumes and caches to choose from: those that can be exported first, the others with the reason why not. */
export function deviceChoices(volumes: ReadonlyMap<string, Volume>, caches: ReadonlyMap<string, Cache>): Choice[] {
    const all = [
        ...[...volumes.values()].map((one) => choice(one, one.ReadOnly)),
        ...[...caches.values()].map((one) => choice(one, false)),
    ].sort((a, b) => byText(a.value, b.value));
    return [...all.filter((one) => one.excuse === ""), ...all.filter((one) => one.excuse !== "")];
}
