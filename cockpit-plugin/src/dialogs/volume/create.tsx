// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { SMALLEST_VOLUME } from "../../../../service/src/facts/sizes.js";
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { sizeWord } from "../../lib/size.js";
import { useStore } from "../../state/use.js";
import { CheckField } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { FormDialog } from "../base/form.js";
import { readSize, SizeField, sizeProblem, type SizeText } from "../base/size.js";
import { remains, tooLarge, useMemoryFree } from "./memory.js";

const LARGEST_NUMBER = 1048575;

function numberProblem(text: string, taken: boolean): string {
    if (text === "") return "";
    if (!/^[0-9]{1,7}$/.test(text) || Number(text) > LARGEST_NUMBER) {
        return format(_("The number is a whole one from 0 to $0, or nothing."), LARGEST_NUMBER);
    }
    return taken ? format(_("There is a volume rd$0 already. Choose another number, or none."), Number(text)) : "";
}

/** Creates a volume. */
export function CreateVolume({ close }: { close: () => void }) {
    const [size, setSize] = useState<SizeText>({ text: "1", unit: "GiB" });
    const [number, setNumber] = useState("");
    const [populate, setPopulate] = useState(false);
    const [persist, setPersist] = useState(false);
    const free = useMemoryFree();
    const wanted = number.trim();
    const taken = useStore((state) => [...state.volumes.values()].some((one) => String(one.Number) === wanted));

    const bounds = { min: SMALLEST_VOLUME, max: free };
    const typed = readSize(size, bounds);
    const wrongSize = sizeProblem(typed, tooLarge(free));
    const wrongNumber = numberProblem(wanted, taken);
    const name = wanted === "" || wrongNumber ? "rdN" : `rd${Number(wanted)}`;
    const changes =
        typed.bytes === null
            ? []
            : [
                  wanted === ""
                      ? format(_("A RAM disk of $0 is made, under the lowest free number."), bytes(typed.bytes))
                      : format(_("A RAM disk of $0 is made: /dev/$1."), bytes(typed.bytes), name),
                  populate
                      ? _("All of its memory is taken now, and kept until it is removed.")
                      : _("It takes memory only as it is written to, and then keeps it until it is erased or removed."),
                  persist
                      ? _("It is created again at each boot, empty: what it holds is lost when the host goes down.")
                      : _("It is gone, with all that it holds, when the host goes down."),
              ];
    const command = [
        ...["rapiddisk", "volume", "create", sizeWord(typed.bytes ?? 0)],
        ...(wanted === "" || wrongNumber ? [] : ["--number", String(Number(wanted))]),
        ...(populate ? ["--populate"] : []),
        ...(persist ? ["--persist"] : []),
    ];
    return (
        <FormDialog
            id="create-volume"
            title={_("Create a volume")}
            action={_("Create")}
            changes={changes}
            command={typed.bytes === null ? null : command}
            problems={[wrongSize, wrongNumber]}
            close={close}
            run={() =>
                call(
                    ROOT,
                    SERVICE,
                    "CreateVolume",
                    typed.bytes ?? 0,
                    options({
                        number: wanted === "" ? undefined : ["u", Number(wanted)],
                        populate: populate ? ["b", true] : undefined,
                        persist: persist ? ["b", true] : undefined,
                    }),
                )
            }
        >
            <SizeField
                value={size}
                onChange={setSize}
                bounds={bounds}
                problem={wrongSize}
                help={remains(free, typed.bytes)}
            />
            <TextField
                id="number"
                label={_("Number")}
                help={_("The N of /dev/rdN. Leave it empty for the lowest free one.")}
                value={number}
                onChange={setNumber}
                problem={wrongNumber}
            />
            <CheckField
                id="populate"
                label={_("Allocate all memory now")}
                help={_(
                    "The host has that memory no more, whatever is written. Needed only where a write must never fail for want of memory.",
                )}
                value={populate}
                onChange={setPopulate}
            />
            <CheckField
                id="persist"
                label={_("Make it again at each boot")}
                help={_("It is empty after a reboot: RAM keeps nothing over a reboot.")}
                value={persist}
                onChange={setPersist}
            />
        </FormDialog>
    );
}
