// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { SWITCH_MODES } from "../../../../service/src/facts/modes.js";
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Cache } from "../../state/objects.js";
import { useCurrent, useStore } from "../../state/use.js";
import { modeName } from "../../state/words.js";
import { RadioField } from "../base/choice.js";
import { useFollowed } from "../base/follow.js";
import { FormDialog } from "../base/form.js";
import { modeChoices } from "./modes.js";

/** Changes the mode of a cache while it is in use. A write-back cache has another target, dm-writecache, with no other mode. */
export function CacheMode({ cache, close }: { cache: Cache; close: () => void }) {
    const now = useCurrent("caches", cache);
    const features = useStore((state) => state.manager?.Features) ?? [];
    const field = useFollowed(now.Mode, () => now.Mode);
    const mode = field.value;
    const same = mode === now.Mode;
    return (
        <FormDialog
            id="mode"
            title={format(_("Change the mode of $0"), now.Name)}
            action={_("Change")}
            subject={cache.path}
            changes={
                same
                    ? []
                    : [
                          format(
                              _("The mode of $0 changes from $1 to $2. Whatever uses the cache goes on working."),
                              now.Name,
                              modeName(now.Mode),
                              modeName(mode),
                          ),
                          !now.Persistent
                              ? ""
                              : mode === "pass-through"
                                ? _("The cache is switched on again at the next boot.")
                                : _("The new mode is saved for the next boot as well."),
                      ].filter(Boolean)
            }
            command={same ? null : ["rapiddisk", "cache", "mode", now.Name, mode]}
            problems={[same ? _("This is the current mode. Choose another one.") : ""]}
            moved={
                field.moved
                    ? {
                          ...field,
                          text: format(_("The mode is $0 now. Look at your choice again."), modeName(now.Mode)),
                      }
                    : null
            }
            close={close}
            run={() => call(cache.path, kinds.caches, "SetMode", mode, options())}
        >
            <RadioField
                id="mode"
                label={_("Mode")}
                value={mode}
                choices={modeChoices(SWITCH_MODES, features)}
                onChange={field.set}
                problem={same ? _("This is the current mode. Choose another one.") : ""}
            />
        </FormDialog>
    );
}
