// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Device-mapper targets of the simulated kernel: their constructors, messages and status lines. */
import { SECTOR } from "../../facts/sizes.js";
import { ramDiskNumber } from "../names.js";
import type { BlockDevice, ModuleName } from "../port.js";
import { KernelError } from "../port.js";
import type { SimMachine } from "./machine.js";
import type { SimMapping } from "./state.js";

type Failed = (errno: string, why: string) => KernelError;
interface Table {
    length: number;
    type: string;
    params: string;
}

const MODULE_OF: Record<string, ModuleName> = { "rapiddisk-cache": "rapiddisk_cache", writecache: "dm_writecache" };
const WORDS: Record<string, RegExp> = {
    "rapiddisk-cache":
        /^(stats|stats_reset|invalidate( \d+ \d+)?|mode (wt|wa|write-through|write-around|passthrough)|[a-z_]+ \d+)$/,
    writecache: /^(flush|flush_on_suspend|cleaner|clear_stats)$/,
};
const LABELS = [
    ["reads", "writes"],
    ["cache hits", "replacement", "write replacement"],
    ["read invalidates", "write invalidates"],
    ["uncached reads", "uncached writes"],
    ["disk reads", "disk writes"],
    ["cache reads", "cache writes"],
];

/**
 * Checks a table line as the target's constructor does. Returns the kernel names of the devices that it holds, and its
 * parameters as the kernel will print them: devices as major:minor.
 * @param mapping kernel name of the mapping whose new table it is: it may have the devices that its old one has
 */
export function constructTarget(
    machine: SimMachine,
    table: Table,
    failed: Failed,
    mapping?: string,
): { slaves: string[]; params: string } {
    const slaves = construct(machine, table, failed, mapping);
    const words = table.params.split(" ").filter((word) => word !== "");
    const params = words.map((word, index) => {
        if (table.type === "rapiddisk-cache" && index === 3) return modeArgument(word) ?? word;
        const name = /^(\/|\d+:\d+$)/.test(word) ? machine.lookUp(word) : undefined;
        return name === undefined ? word : machine.devno(name);
    });
    return { slaves, params: params.join(" ") };
}

function construct(machine: SimMachine, table: Table, failed: Failed, mapping?: string): string[] {
    const args = table.params.split(" ").filter((word) => word !== "");
    const module = MODULE_OF[table.type];
    if (module && !machine.data.loaded.includes(module)) {
        if (!machine.data.available.includes(module)) throw failed("EINVAL", `unknown target type ${table.type}`);
        machine.data.loaded.push(module);
    }
    switch (table.type) {
        case "rapiddisk-cache": {
            const [source, cache, sectors, mode] = args;
            if (!source || !cache || args.length > 5) throw failed("EINVAL", "wrong number of arguments");
            const names = [open(machine, source, failed), open(machine, cache, failed)];
            const ram = names[1] ?? "";
            if (ramDiskNumber(ram) === undefined) throw failed("EINVAL", `${ram} is not a RAM disk`);
            if (machine.opened(ram, mapping)) throw failed("EBUSY", `${ram} is in use`);
            if (sectors !== undefined && !(/^\d+$/.test(sectors) && Number(sectors) >= 64)) {
                throw failed("EINVAL", "invalid cache size");
            }
            if (Number(sectors ?? 0) > sectorsOf(machine, ram)) {
                throw failed("EINVAL", "cache size over the RAM disk's");
            }
            if (mode !== undefined && modeArgument(mode) === undefined) throw failed("EINVAL", "invalid mode");
            fits(machine, table, names[0] ?? "", failed);
            return names;
        }
        case "writecache": {
            const [kind, source, cache, block, count] = args;
            if (!source || !cache || count === undefined || (kind !== "s" && kind !== "p")) {
                throw failed("EINVAL", "wrong arguments");
            }
            const size = Number(block);
            if (![512, 1024, 2048, 4096].includes(size)) throw failed("EINVAL", "invalid block size");
            const names = [open(machine, source, failed), open(machine, cache, failed)];
            if (names.some((name) => machine.blockSize(name) > size)) {
                throw failed("EINVAL", "block size is smaller than device logical block size");
            }
            if (table.length % (size / SECTOR) !== 0) {
                throw failed("EINVAL", "length is not a multiple of the block size");
            }
            fits(machine, table, names[0] ?? "", failed);
            return names;
        }
        case "linear": {
            const [source, offset] = args;
            if (!source || !/^\d+$/.test(offset ?? "")) throw failed("EINVAL", "wrong arguments");
            const name = open(machine, source, failed);
            fits(machine, { ...table, length: table.length + Number(offset) }, name, failed);
            return [name];
        }
        case "zero":
        case "error":
            return [];
        default:
            throw failed("EINVAL", `unknown target type ${table.type}`);
    }
}

/** Reads a mode of the cache as its table shows it: by any of its names, or by number, where every one but 0 is write-around. */
function modeArgument(word: string): string | undefined {
    if (/^[+-]?\d+$/.test(word)) return Number(word) === 0 ? "0" : "1";
    return { wt: "0", "write-through": "0", wa: "1", "write-around": "1", passthrough: "passthrough" }[word];
}

const sectorsOf = (machine: SimMachine, name: string): number =>
    (machine.blockDevices().find((device) => device.name === name)?.size ?? 0) / SECTOR;

function open(machine: SimMachine, text: string, failed: Failed): string {
    const name = machine.lookUp(text);
    if (name === undefined) throw failed("ENODEV", `no device ${text}`);
    if (machine.claimed(name)) throw failed("EBUSY", `${name} is in use`);
    return name;
}

function fits(machine: SimMachine, table: Table, source: string, failed: Failed): void {
    if (table.length > sectorsOf(machine, source)) throw failed("EINVAL", `the table is longer than ${source}`);
}

/** Gives the bytes of a mapping's sectors. @param devices what it may lie on */
export function blockSizeOf({ targets }: SimMapping, devices: readonly BlockDevice[]): number {
    const below = new Set(targets.flatMap(({ slaves }) => slaves));
    const own = targets.flatMap(({ type, params }) => (type === "writecache" ? [Number(params.split(" ")[3])] : []));
    return Math.max(SECTOR, ...own, ...devices.filter(({ name }) => below.has(name)).map(({ blockSize }) => blockSize));
}

/** Bytes of the records that dm-writecache keeps: its header, and one for each block. */
const WRITECACHE_HEADER = 64;
const WRITECACHE_RECORD = 16;

/** Makes the numbers of the status line of a new mapping. @param cacheSize bytes of what a writecache has for its blocks */
export function freshCounters({ type, params }: Table, cacheSize: number): number[] {
    const counters = new Array<number>(14).fill(0);
    const block = type === "writecache" ? Number(params.split(" ")[3]) : 0;
    if (block > 0) {
        let count = Math.floor(cacheSize / (block + WRITECACHE_RECORD));
        const records = (): number => Math.ceil((WRITECACHE_HEADER + count * WRITECACHE_RECORD) / block) * block;
        while (count > 0 && records() + count * block > cacheSize) count--;
        counters.fill(count, 1, 3);
    }
    return counters;
}

/** Tells whether a writecache has blocks that are not free: they are not on its origin yet. */
export function holdsUnwritten({ counters }: SimMapping): boolean {
    return (counters[1] ?? 0) > (counters[2] ?? 0);
}

/** Sends a message to the first target. @param cached blocks that it holds */
export function messageTarget(name: string, mapping: SimMapping, message: string, cached: number): string {
    const type = mapping.targets[0]?.type ?? "";
    if (!WORDS[type]?.test(message)) {
        throw new KernelError(
            "EINVAL",
            `The ${type} target of mapping ${name} does not know the message "${message}".`,
        );
    }
    const target = mapping.targets[0];
    const mode = modeArgument(/^mode (\S+)$/.exec(message)?.[1] ?? "");
    if (target && mode !== undefined) {
        const args = target.params.split(" ");
        args[3] = mode;
        target.params = args.join(" ");
    }
    const cutoff = /^seq_cutoff (\d+)$/.exec(message)?.[1];
    if (cutoff !== undefined) mapping.cutoff = Number(cutoff);
    if (message === "stats_reset") mapping.counters.fill(0);
    // Errors and what the blocks hold are no statistics.
    if (message === "clear_stats") mapping.counters.fill(0, 4);
    return message === "stats" ? statsOf(name, mapping, cached) : "";
}

/** Sectors of a stream that are cached at others' expense, unless a message says otherwise. */
const SEQ_CUTOFF = 8192;
/** Names of the counters in the answer to `stats`, in the order of the status line; the last has no place there. */
const STATS = [
    ...["reads", "writes", "hits", "read_evictions", "write_evictions", "read_invalidates", "write_invalidates"],
    ...[
        "uncached_reads",
        "uncached_writes",
        "disk_reads",
        "disk_writes",
        "cache_reads",
        "cache_writes",
        "origin_errors",
    ],
];
const MODE_WORDS: Record<string, string> = { "0": "write-through", "1": "write-around", passthrough: "passthrough" };

/** Makes the answer of the first target to `stats`. @param cached blocks that it holds @throws KernelError EINVAL (it has none) */
export function statsOf(name: string, mapping: SimMapping, cached: number): string {
    const target = mapping.targets[0];
    if (target?.type !== "rapiddisk-cache") {
        throw new KernelError(
            "EINVAL",
            `The ${target?.type} target of mapping ${name} does not know the message "stats".`,
        );
    }
    const [, , sectors, mode] = target.params.split(" ");
    const shape = [
        `mode=${MODE_WORDS[mode ?? "0"]}`,
        "block_size=4096",
        `blocks=${Math.floor(Number(sectors ?? 0) / 8)}`,
    ];
    return [
        ...shape,
        `cached_blocks=${cached}`,
        `seq_cutoff=${mapping.cutoff ?? SEQ_CUTOFF}`,
        ...STATS.map((word, index) => `${word}=${mapping.counters[index] ?? 0}`),
    ].join(" ");
}

/** Makes the status parameters of the first target, in the real one's form. */
export function statusOf(mapping: SimMapping): string {
    const at = (index: number): number => mapping.counters[index] ?? 0;
    switch (mapping.targets[0]?.type ?? "") {
        case "rapiddisk-cache": {
            let index = 0;
            const lines = LABELS.map((line) => line.map((label) => `${label}(${at(index++)})`).join(", "));
            return `stats: \n\t${lines.join("\n\t")}\n`;
        }
        case "writecache":
            return mapping.counters.join(" ");
        default:
            return "";
    }
}
