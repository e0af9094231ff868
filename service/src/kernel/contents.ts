// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is written on a block device, by blkid(8). */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { errnoOf } from "./errno.js";
import type { Tools } from "./exec.js";
import { KernelError, type DeviceContents } from "./port.js";

/** Longest time that a disk which does not answer holds up the caller, in ms. */
const LIMIT = 10_000;
/** Exit statuses of blkid: it found nothing, or could not read; signatures contradict each other. */
const NOTHING = 2;
const AMBIVALENT = 8;

/**
 * Looks for signatures by low-level probing: no cache of blkid's is read or written.
 * @param node path of the device
 * @throws KernelError the errno of opening it; ENOENT (blkid is not installed), ETIMEDOUT, EIO
 */
export async function readContents(tools: Tools, node: string): Promise<DeviceContents> {
    // blkid ends the same for an empty device and for one that it cannot open. While this is open it stays the same device.
    const handle = await open(node, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
        throw new KernelError(errnoOf(error), `${node} could not be opened to see what is on it (${errnoOf(error)}).`);
    });
    try {
        const args = ["--probe", "--output", "export", "--", node];
        const { status, stdout } = await tools.run("blkid", args, { timeout: LIMIT, maxOutput: 2 ** 16 });
        if (status === AMBIVALENT) return { type: "ambiguous", table: "" };
        if (status !== 0 && status !== NOTHING) {
            throw new KernelError("EIO", `blkid could not tell what is on ${node} (status ${status}).`);
        }
        return parseContents(stdout);
    } finally {
        await handle.close();
    }
}

/** Reads what `blkid -o export` printed: NAME=VALUE lines. */
export function parseContents(text: string): DeviceContents {
    const fields = new Map(
        text.split("\n").map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]),
    );
    const blockSize = fields.get("USAGE") === "filesystem" ? Number(fields.get("BLOCK_SIZE")) : NaN;
    return {
        type: fields.get("TYPE") ?? "",
        ...(Number.isSafeInteger(blockSize) && blockSize > 0 ? { blockSize } : {}),
        table: fields.get("PTTYPE") ?? "",
    };
}
