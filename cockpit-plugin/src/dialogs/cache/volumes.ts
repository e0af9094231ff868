// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { DEFAULT_MODE, MODES, modeOfWord } from "../../../../service/src/facts/modes.js";
import { useEffect, useState } from "react";
import { listed } from "../../lib/bidi.js";
import { byText, bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { readPolledState } from "../../state/polledstate.js";
import type { Volume } from "../../state/objects.js";
import { store } from "../../state/store.js";
import { usersWords } from "../../state/words.js";

/** Says why a volume cannot hold the blocks of a cache; empty when it can. @param mode of the cache */
export function volumeExcuse(volume: Volume, mode: string): string {
    if (volume.Users.length > 0) return format(_("in use: $0"), listed(usersWords(volume)));
    if (volume.ReadOnly) return _("locked");
    const least = MODES[modeOfWord(mode) ?? DEFAULT_MODE].smallestVolume;
    return volume.Size < least ? format(_("too small, it needs $0"), bytes(least)) : "";
}

/** Labels a volume in a list of choices, with how much data on it would be lost. */
export function volumeLabel({ Name: name, Size: size, Used: used }: Volume): string {
    return used > 0
        ? format(_("$0, $1, holds $2"), name, bytes(size), bytes(used))
        : format(_("$0, $1, empty"), name, bytes(size));
}

/**
 * Keeps the choice of a volume. Without a preset, the objects are read again once, and a free and empty volume is chosen unless the
 * person has chosen one by then; a volume that holds data is never chosen automatically.
 * @param preset name of the volume that is chosen first; empty: none
 * @param mode of the cache
 */
export function useVolumeChoice(preset: string, mode: string): [string, (name: string) => void] {
    const [chosen, choose] = useState(preset);
    useEffect(() => {
        const pick = (): string => {
            const all = [...store.state.volumes.values()].sort((a, b) => byText(a.Name, b.Name));
            return all.find((one) => one.Used === 0 && volumeExcuse(one, mode) === "")?.Name ?? "";
        };
        readPolledState().then(
            () => choose((before) => before || pick()),
            () => undefined,
        );
    }, []);
    return [chosen, choose];
}

/** The data that a person agreed to lose. */
export interface Loss {
    /** Whether the person agreed to lose what the volume holds now. @param used bytes that it holds */
    accepts(volume: string, used: number): boolean;
    /** Notes the agreement. @param used bytes that the volume holds as the person sees it; 0 withdraws it */
    accept(volume: string, used: number): void;
}

/** Keeps what a person agreed to lose: it is valid for that volume, and for no more than it held at that time. */
export function useLoss(): Loss {
    const [agreed, setAgreed] = useState({ volume: "", used: 0 });
    return {
        accepts: (volume, used) => agreed.volume === volume && used <= agreed.used,
        accept: (volume, used) => setAgreed({ volume, used }),
    };
}
