// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Cache } from "../../state/objects.js";
import { useUnwritten } from "../../state/polledstate.js";
import { FormDialog } from "../base/form.js";
import { waiting } from "./waiting.js";

/** Writes what a write-back cache alone holds to its source. */
export function FlushCache({ cache, close }: { cache: Cache; close: () => void }) {
    const unwritten = useUnwritten(cache);
    return (
        <FormDialog
            id="flush"
            title={format(_("Flush $0"), cache.Name)}
            action={_("Flush")}
            subject={cache.path}
            changes={[
                waiting(unwritten, cache.Source),
                format(_("What only RAM holds is written to $0. What uses the cache goes on."), cache.Source),
                _("It can take a while. When it is stopped, what was written stays written."),
            ]}
            command={["rapiddisk", "cache", "flush", cache.Name]}
            close={close}
            run={() => call(cache.path, kinds.caches, "Flush", options())}
        />
    );
}
