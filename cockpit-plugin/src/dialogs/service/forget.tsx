// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { _, format } from "../../lib/gettext.js";
import { useStore } from "../../state/use.js";
import { SelectField } from "../base/choice.js";
import { FormDialog } from "../base/form.js";

/** Drops what is saved of an object that is not there. */
export function ForgetSaved({ close }: { close: () => void }) {
    const missing = useStore((state) => state.manager?.Missing) ?? [];
    const [chosen, setName] = useState(missing[0] ?? "");
    const wrong = missing.includes(chosen) ? "" : _("It is there again, or was forgotten already.");
    const port = /^[0-9]+$/.test(chosen);
    return (
        <FormDialog
            id="forget"
            title={_("Forget a saved object")}
            action={_("Forget")}
            danger
            changes={[
                port
                    ? format(_("Port $0 is not made again at boot. What is saved of it is dropped."), chosen)
                    : format(_("$0 is not made again at boot. What is saved of it is dropped."), chosen),
            ]}
            command={["rapiddisk", "forget", chosen]}
            problems={[wrong]}
            close={close}
            run={() => call(ROOT, SERVICE, "Forget", chosen, options())}
        >
            <SelectField
                id="name"
                label={_("Saved object that is not there")}
                value={chosen}
                choices={missing.map((name) => ({
                    value: name,
                    label: /^[0-9]+$/.test(name) ? format(_("Port $0"), name) : name,
                }))}
                onChange={setName}
                problem={wrong}
            />
        </FormDialog>
    );
}
