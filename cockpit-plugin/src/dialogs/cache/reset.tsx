// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Cache } from "../../state/objects.js";
import { FormDialog } from "../base/form.js";

/** Sets the statistics of a cache to zero. */
export function ResetStatistics({ cache, close }: { cache: Cache; close: () => void }) {
    return (
        <FormDialog
            id="reset"
            title={format(_("Reset the statistics of $0"), cache.Name)}
            action={_("Reset")}
            subject={cache.path}
            changes={[_("Hits, misses and all other statistics count from zero again. What is cached stays cached.")]}
            command={["rapiddisk", "cache", "reset-stats", cache.Name]}
            close={close}
            run={() => call(cache.path, kinds.caches, "ResetStatistics", options())}
        />
    );
}
