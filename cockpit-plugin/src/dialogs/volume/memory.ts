// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { usePolledState } from "../../state/polledstate.js";
import { useStore } from "../../state/use.js";
import { wholeSectors } from "../../lib/size.js";

/** Bytes that volumes may still ask for altogether, kept fresh while a dialog is open; null until it is known. */
export function useMemoryFree(): number | null {
    usePolledState();
    const free = useStore((state) => state.manager?.MemoryFree);
    return free === undefined ? null : wholeSectors(free);
}

/** What remains of memory for other volumes, in one sentence. @param free bytes @param wanted bytes; null: not a size yet */
export function remains(free: number | null, wanted: number | null): string {
    if (free === null) return _("The service is asked how much memory is free.");
    if (wanted === null) return format(_("Volumes may take another $0 of memory."), bytes(free));
    return format(_("$0 of the $1 that volumes may still take remain."), bytes(free - wanted), bytes(free));
}

/** Why a size is refused beforehand. @param free bytes that may be asked for; null while that is not known */
export function tooLarge(free: number | null): string {
    if (free === null) return _("This is too large for any volume. Choose a smaller size.");
    return format(
        _(
            "Volumes may take another $0 of memory, so that the host keeps enough for everything else. Choose a smaller size.",
        ),
        bytes(free),
    );
}
