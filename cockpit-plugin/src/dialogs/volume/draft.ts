// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { SMALLEST_VOLUME } from "../../../../service/src/facts/sizes.js";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { sizeWord, type Bounds } from "../../lib/size.js";
import { useStore } from "../../state/use.js";
import { useFields } from "../base/fields.js";
import { readSize, sizeProblem, type SizeText } from "../base/size.js";
import { remains, tooLarge, useMemoryFree } from "./memory.js";

const LARGEST_NUMBER = 1048575;

/** What the fields say. */
interface VolumeFields {
    readonly size: SizeText;
    readonly number: string;
    readonly populate: boolean;
    readonly persist: boolean;
}

/** The volume that the fields ask for. */
interface VolumePlan extends Pick<VolumeFields, "populate" | "persist"> {
    /** In bytes; null while it is not a size that can be had. */
    readonly size: number | null;
    /** As it was typed; empty for the lowest free one. */
    readonly wanted: string;
    /** null for the lowest free one, and while what was typed cannot be had. */
    readonly number: number | null;
}

/** A volume before it is made: what the fields say, and what follows from it. */
export interface VolumeDraft {
    readonly fields: VolumeFields;
    readonly set: (change: Partial<VolumeFields>) => void;
    readonly bounds: Bounds;
    /** How much memory remains, in one sentence. */
    readonly memory: string;
    readonly problems: { readonly size: string; readonly number: string };
    readonly changes: readonly string[];
    readonly command: readonly string[] | null;
    readonly create: () => Promise<unknown>;
}

/** Keeps the fields for a new volume, and works out what follows from them. */
export function useVolumeDraft(): VolumeDraft {
    const [fields, set] = useFields<VolumeFields>({
        size: { text: "1", unit: "GiB" },
        number: "",
        populate: false,
        persist: false,
    });
    const free = useMemoryFree();
    const wanted = fields.number.trim();
    const taken = useStore((state) => [...state.volumes.values()].some((one) => String(one.Number) === wanted));

    const bounds = { min: SMALLEST_VOLUME, max: free };
    const size = readSize(fields.size, bounds);
    const problems = { size: sizeProblem(size, tooLarge(free)), number: numberProblem(wanted, taken) };
    const plan: VolumePlan = {
        ...fields,
        size: size.bytes,
        wanted,
        number: wanted === "" || problems.number ? null : Number(wanted),
    };
    return {
        fields,
        set,
        bounds,
        problems,
        memory: remains(free, size.bytes),
        changes: changesOf(plan),
        command: commandOf(plan),
        create: () => create(plan),
    };
}

function numberProblem(text: string, taken: boolean): string {
    if (text === "") return "";
    if (!/^[0-9]{1,7}$/.test(text) || Number(text) > LARGEST_NUMBER) {
        return format(_("The number is a whole one from 0 to $0, or nothing."), LARGEST_NUMBER);
    }
    return taken ? format(_("There is a volume rd$0 already. Choose another number, or none."), Number(text)) : "";
}

function changesOf({ size, wanted, number, populate, persist }: VolumePlan): string[] {
    if (size === null) return [];
    return [
        wanted === ""
            ? format(_("A RAM disk of $0 is made, under the lowest free number."), bytes(size))
            : format(_("A RAM disk of $0 is made: /dev/$1."), bytes(size), number === null ? "rdN" : `rd${number}`),
        populate
            ? _("All of its memory is taken now, and kept until it is removed.")
            : _("It takes memory only as it is written to, and then keeps it until it is erased or removed."),
        persist
            ? _("It is created again at each boot, empty: what it holds is lost when the host goes down.")
            : _("It is gone, with all that it holds, when the host goes down."),
    ];
}

function commandOf({ size, number, populate, persist }: VolumePlan): string[] | null {
    if (size === null) return null;
    return [
        ...["rapiddisk", "volume", "create", sizeWord(size)],
        ...(number === null ? [] : ["--number", String(number)]),
        ...(populate ? ["--populate"] : []),
        ...(persist ? ["--persist"] : []),
    ];
}

function create({ size, number, populate, persist }: VolumePlan): Promise<unknown> {
    return call(
        ROOT,
        SERVICE,
        "CreateVolume",
        size ?? 0,
        options({
            number: number === null ? undefined : ["u", number],
            populate: populate ? ["b", true] : undefined,
            persist: persist ? ["b", true] : undefined,
        }),
    );
}
