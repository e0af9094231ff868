// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import { SECTOR, SMALLEST_VOLUME } from "../../facts/sizes.js";
import { getProperties, listVolumes, nameOfPath, options, optionsFor, rangeOf, request } from "../../client/index.js";
import { formatSize, parseSize, UsageError } from "../units.js";
import type { Command, Operand, Option } from "./command.js";
import { creating, IF_EXISTS, IF_NOT_EXISTS, IS_ANSWERED, readMade, single } from "./command.js";
import { findObject, findObjects, forEachOf } from "./objects.js";
import { jsonObject, propertyList, volumeTable } from "./views.js";

const SIZE: Operand = {
    name: "SIZE",
    doc:
        "Number and unit: 512M, 1.5GiB (powers of 1024), 500MB (powers of 1000), 4096B. Rounded up to a multiple of " +
        "512 bytes.",
};
const VOLUME: Operand = {
    name: "VOLUME",
    doc: "Name (rd0), device path or object path of a volume.",
    completes: "volumes",
};
const NUMBERS = rangeOf("Manager.CreateVolume", "number");
const VOLUMES: Operand = { ...VOLUME, many: true };

/** The option that makes an object come back at each boot. */
export const PERSIST: Option = { doc: "Make it again at each boot." };

/** Reads a whole number. @param word the option or operand that takes it @throws UsageError, which tells the range */
export function parseNumber(text: string, word: string, [smallest, largest]: readonly [number, number]): number {
    if (!/^[0-9]+$/.test(text) || Number(text) < smallest || Number(text) > largest) {
        throw new UsageError(`${word} takes a whole number from ${smallest} to ${largest}, not "${text}".`);
    }
    return Number(text);
}

/**
 * Reads the size of a volume and rounds it up to whole sectors, which alone a volume can have.
 * @returns bytes, and a line that says so when it was rounded
 * @throws UsageError when it is not the size of a volume
 */
function readVolumeSize(text: string): { size: bigint; note: string } {
    const { bytes, rounded } = parseSize(text, BigInt(SECTOR));
    // The service would name the rounded size, which nobody typed.
    if (bytes < BigInt(SMALLEST_VOLUME)) {
        throw new UsageError(`${text} is too small; the smallest volume has ${SMALLEST_VOLUME} bytes.`);
    }
    const note = rounded ? `${text} was rounded up to ${bytes} bytes, a multiple of ${SECTOR}.\n` : "";
    return { size: bytes, note };
}

/** Gives the value of an option that a switch stands for: true, or left out. */
export function isGiven(flag: string | undefined): true | undefined {
    return flag === undefined ? undefined : true;
}

/** Says what has changed after persistence was set. */
export function persistenceSentence(name: string, on: boolean): string {
    return on ? `${name} is made again at each boot.` : `${name} is not made again at boot.`;
}

/** The option that takes persistence back. */
export const OFF: Option = { doc: "No more from now on." };

/** A command that does one thing to each of several volumes. */
const onEach = forEachOf("volume", VOLUMES, (names, reader) => findObjects("volumes", names, reader));

/** Commands about volumes (RAM disks). */
export const VOLUME_COMMANDS: readonly Command[] = [
    {
        words: ["volume", "list"],
        summary: "List volumes.",
        operands: [],
        options: {},
        plan: () =>
            single(listVolumes(), (volumes) => ({
                value: volumes.map(jsonObject),
                text: (style) => volumeTable(volumes, style),
            })),
    },
    {
        words: ["volume", "create"],
        summary: "Create a volume (a RAM disk).",
        details:
            "The volume holds no RAM until it is written, unless --populate is given: then all of it is allocated now, no " +
            "later write fails for want of memory, and erasing gives none back. It is refused when all volumes together " +
            "could not fill up within the memory limit of the service.",
        operands: [SIZE],
        options: {
            number: {
                value: "N",
                doc: `Make /dev/rdN, ${NUMBERS[0]} to ${NUMBERS[1]}; otherwise the lowest free number.`,
            },
            populate: { doc: "Allocate all of its memory now." },
            persist: { doc: "Make it again, empty, at each boot." },
            "if-not-exists": { ...IF_NOT_EXISTS, doc: `${IF_NOT_EXISTS.doc} Needs --number.` },
        },
        examples: ["rapiddisk volume create 512M", "rapiddisk volume create 1.5GiB --number 7 --persist"],
        plan({ operands, options: given }) {
            const chosen = optionsFor("Manager.CreateVolume", {
                number: given.number === undefined ? undefined : parseNumber(given.number, "--number", NUMBERS),
                populate: isGiven(given.populate),
                persist: isGiven(given.persist),
            });
            const { size, note } = readVolumeSize(operands[0]!);
            if (given["if-not-exists"] !== undefined && given.number === undefined) {
                throw new UsageError("--if-not-exists needs --number: without it a volume of a free number is made.");
            }
            const call = request(INTERFACE.manager, ROOT, "CreateVolume", size, chosen);
            // The path and what was asked for say all that the text does: only the value needs another call.
            const plan = creating(call, given["if-not-exists"], (path, reader) => ({
                value: async () => jsonObject({ path, ...(await reader.read(getProperties(INTERFACE.volume, path))) }),
                text: () => `Created ${nameOfPath(path)}, ${formatSize(size)}: /dev/${nameOfPath(path)}\n${note}`,
            }));
            return { ...plan, followUps: [readMade(INTERFACE.volume, `With --json, where ${IS_ANSWERED}`)] };
        },
    },
    {
        words: ["volume", "show"],
        summary: "Show every property of a volume.",
        operands: [VOLUME],
        options: {},
        async plan({ operands }, reader) {
            const path = await findObject("volumes", operands[0]!, reader);
            return single(getProperties(INTERFACE.volume, path), (volume) => ({
                value: jsonObject({ path, ...volume }),
                text: (style) => propertyList(volume, style),
            }));
        },
    },
    {
        words: ["volume", "resize"],
        summary: "Change the size of a volume.",
        details:
            "Growing works while the volume is in use, and allocates at once what a populated volume gets. Shrinking is refused while anything uses it, and below data " +
            "that was written.",
        operands: [VOLUME, SIZE],
        options: {},
        examples: ["rapiddisk volume resize rd0 1G"],
        async plan({ operands }, reader) {
            const { size, note } = readVolumeSize(operands[1]!);
            const path = await findObject("volumes", operands[0]!, reader);
            const again = getProperties(INTERFACE.volume, path);
            const plan = single(request(INTERFACE.volume, path, "Resize", size, options()), async (_, after) => {
                const volume = await after.read(again);
                return {
                    value: jsonObject({ path, ...volume }),
                    text: () => `Resized ${volume.Name} to ${formatSize(volume.Size)}.\n${note}`,
                };
            });
            return { ...plan, followUps: [{ request: again }] };
        },
    },
    onEach(
        "lock",
        { summary: "Make volumes read-only." },
        (path) => request(INTERFACE.volume, path, "SetReadOnly", true, options()),
        (name) => `Locked ${name}: writes are refused.`,
    ),
    onEach(
        "unlock",
        { summary: "Make volumes writable again." },
        (path) => request(INTERFACE.volume, path, "SetReadOnly", false, options()),
        (name) => `Unlocked ${name}.`,
    ),
    onEach(
        "persist",
        { summary: "Make volumes again, empty, at each boot.", options: { off: OFF } },
        (path, { off }) => request(INTERFACE.volume, path, "SetPersistent", off === undefined, options()),
        (name, { off }) => persistenceSentence(name, off === undefined),
    ),
    onEach(
        "erase",
        {
            summary: "Drop the contents of volumes and give their memory back.",
            details:
                "Refused while anything uses a volume. Afterwards it reads as zeros. A populated volume keeps its memory.",
        },
        (path) => request(INTERFACE.volume, path, "Erase", options()),
        (name) => `Erased ${name}.`,
    ),
    onEach(
        "remove",
        {
            summary: "Remove volumes with their contents.",
            details: "Refused while anything uses a volume: the message names who does.",
            options: { "if-exists": IF_EXISTS },
        },
        (path) => request(INTERFACE.volume, path, "Remove", options()),
        (name) => `Removed ${name}.`,
    ),
];
