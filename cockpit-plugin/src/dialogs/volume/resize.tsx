// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { SMALLEST_VOLUME } from "../../../../service/src/facts/sizes.js";
import { call, options } from "../../bus/call.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { sizeWord, unitOf } from "../../lib/size.js";
import { kinds, type Volume } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { usersWords } from "../../state/words.js";
import { useFollowed } from "../base/follow.js";
import { FormDialog } from "../base/form.js";
import { Users } from "../base/inuse.js";
import { readSize, SizeField, sizeProblem, sizeText } from "../base/size.js";
import { remains, tooLarge, useMemoryFree } from "./memory.js";

/** Changes the size of a volume: it grows while in use, and shrinks only while nothing uses it. */
export function ResizeVolume({ volume, close }: { volume: Volume; close: () => void }) {
    const now = useCurrent("volumes", volume);
    const current = sizeText(now.Size, unitOf(now.Size));
    const field = useFollowed(current, () => String(now.Size));
    const size = field.value;
    const free = useMemoryFree();
    const inUse = now.Users.length > 0;
    const bounds = { min: inUse ? now.Size : SMALLEST_VOLUME, max: free === null ? null : now.Size + free };
    const same = size.unit === current.unit && size.text === current.text;
    const typed = same ? { bytes: now.Size, problem: "" as const } : readSize(size, bounds);
    const growth = typed.bytes === null ? null : typed.bytes - now.Size;
    const wrong =
        typed.problem === "small" && inUse
            ? format(_("$0 is in use, so that it can only grow: it has $1 now."), now.Name, bytes(now.Size))
            : sizeProblem(typed, tooLarge(free)) || (growth === 0 ? _("This is the size that it has.") : "");
    const changes = [
        growth !== null && growth > 0
            ? format(_("$0 grows by $1 to $2. What uses it goes on."), now.Name, bytes(growth), bytes(typed.bytes ?? 0))
            : "",
        growth !== null && growth > 0 && now.Populated ? _("What it grows by is allocated at once.") : "",
        growth !== null && growth > 0 ? _("A filesystem on it keeps its size until it is grown as well.") : "",
        growth !== null && growth < 0
            ? format(
                  _("$0 shrinks by $1 to $2. This is refused where data was written beyond the new end."),
                  now.Name,
                  bytes(-growth),
                  bytes(typed.bytes ?? 0),
              )
            : "",
        growth !== null && growth !== 0 && now.Persistent ? _("The new size is saved for the next boot as well.") : "",
    ].filter(Boolean);
    return (
        <FormDialog
            id="resize"
            title={format(_("Resize $0"), now.Name)}
            action={_("Resize")}
            subject={volume.path}
            changes={changes}
            command={wrong ? null : ["rapiddisk", "volume", "resize", now.Name, sizeWord(typed.bytes ?? 0)]}
            problems={[wrong]}
            moved={
                field.moved
                    ? {
                          ...field,
                          text: format(_("$0 has $1 now. Look at what you typed again."), now.Name, bytes(now.Size)),
                      }
                    : null
            }
            close={close}
            run={() => call(volume.path, kinds.volumes, "Resize", typed.bytes ?? 0, options())}
        >
            <SizeField
                value={size}
                onChange={field.set}
                bounds={bounds}
                problem={wrong}
                help={remains(free, growth === null ? null : Math.max(0, growth))}
            />
            <Users name={now.Name} users={usersWords(now)} />
        </FormDialog>
    );
}
