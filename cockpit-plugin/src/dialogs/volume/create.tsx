// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import { CheckField } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { FormDialog } from "../base/form.js";
import { SizeField } from "../base/size.js";
import { useVolumeDraft } from "./draft.js";

/** Creates a volume. */
export function CreateVolume({ close }: { close: () => void }) {
    const { fields, set, problems, ...draft } = useVolumeDraft();
    return (
        <FormDialog
            id="create-volume"
            title={_("Create a volume")}
            action={_("Create")}
            changes={draft.changes}
            command={draft.command}
            problems={Object.values(problems)}
            close={close}
            run={draft.create}
        >
            <SizeField
                value={fields.size}
                onChange={(size) => set({ size })}
                bounds={draft.bounds}
                problem={problems.size}
                help={draft.memory}
            />
            <TextField
                id="number"
                label={_("Number")}
                help={_("The N of /dev/rdN. Leave it empty for the lowest free one.")}
                value={fields.number}
                onChange={(number) => set({ number })}
                problem={problems.number}
            />
            <CheckField
                id="populate"
                label={_("Allocate all memory now")}
                help={_(
                    "The host has that memory no more, whatever is written. Needed only where a write must never fail for want of memory.",
                )}
                value={fields.populate}
                onChange={(populate) => set({ populate })}
            />
            <CheckField
                id="persist"
                label={_("Make it again at each boot")}
                help={_("It is empty after a reboot: RAM keeps nothing over a reboot.")}
                value={fields.persist}
                onChange={(persist) => set({ persist })}
            />
        </FormDialog>
    );
}
