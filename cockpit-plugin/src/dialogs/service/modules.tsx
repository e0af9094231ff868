// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { listed } from "../../lib/bidi.js";
import { _, format } from "../../lib/gettext.js";
import { useStore } from "../../state/use.js";
import { FormDialog } from "../base/form.js";

/** Loads the kernel modules that are missing. */
export function LoadModules({ close }: { close: () => void }) {
    const modules = useStore((state) => state.manager?.Modules) ?? {};
    const missing = Object.entries(modules).flatMap(([name, loaded]) => (loaded ? [] : [name]));
    return (
        <FormDialog
            id="load-modules"
            title={_("Load kernel modules")}
            action={_("Load")}
            changes={[
                format(_("Those of these modules that are installed are loaded: $0."), listed(missing)),
                _("Nothing that is in use is changed."),
            ]}
            command={["rapiddisk", "modules", "load"]}
            close={close}
            run={() => call(ROOT, SERVICE, "LoadModules", options())}
        />
    );
}
