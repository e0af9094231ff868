// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { NEW_MODES } from "../facts/modes.js";
import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { SECTOR } from "../facts/sizes.js";
import { MAX_PORT } from "../kernel/nvmet/node.js";
import type { ProblemOf, StateFault } from "../model/problems.js";
import { checkCacheName, checkNumber } from "../model/values.js";
import type { CacheEntry, ExportEntry, PortEntry, SavedState, SavedTarget, VolumeEntry } from "../model/storage.js";

/** Format of state.json that this version reads and writes. */
const FORMAT = 1;
/** Most bytes of a state: what is larger is neither loaded nor saved. */
export const LARGEST = 16 * 2 ** 20;
const TRANSPORTS = ["tcp", "rdma", "loop"];
const FAMILIES = ["", "ipv4", "ipv6"];

/** Lists of entries, and which field of an entry names its object. */
const KEYS = { volumes: "number", caches: "name", ports: "id", exports: "nqn" } as const;
type List = keyof typeof KEYS;
const TYPES = { volumes: "volume", caches: "cache", ports: "port", exports: "export" } as const;

/** An entry that cannot be used. It stays in the file as it is, until its object is saved again or a person repairs it. */
export interface Rejected {
    list: List;
    entry: unknown;
    /** Which one it is and what is wrong with it. */
    why: Omit<ProblemOf<"entry-unusable">, "kind" | "path">;
    /** The entry of the same object that is used instead. */
    instead?: object;
}

/** What a file holds beside what this version knows: it stays in the file as it is. */
export interface Rest {
    rejected: Rejected[];
    /** Fields of the whole, and of its target, that this version does not know. */
    unknown: { whole: Record<string, unknown>; target: Record<string, unknown> };
}

export const NO_REST: Rest = { rejected: [], unknown: { whole: {}, target: {} } };

/** Why a text is no saved state: a problem of its file, whose path it does not know. */
export class StateError extends Error {
    constructor(
        readonly fault: Unlocated<ProblemOf<"state-damaged" | "state-too-large" | "state-newer" | "state-older">>,
    ) {
        super(fault.kind);
    }
}
type Unlocated<P> = P extends { path: string } ? Omit<P, "path"> : never;

/**
 * Reads a saved state. An entry that cannot be used does not keep the others from being used.
 * @throws StateError when nothing of it can be understood
 */
export function parseState(text: string): { state: SavedState; rest: Rest } {
    const whole = record(parseJson(text));
    if (whole === undefined) {
        throw damaged("not-object");
    }
    checkFormat(whole.format);
    const { volumes, caches, target } = whole;
    if (!Array.isArray(volumes) || !Array.isArray(caches)) {
        throw damaged("no-storage");
    }
    const rejected: Rejected[] = [];
    const state: SavedState = {
        volumes: usable<VolumeEntry>("volumes", volumes, volumeProblem, rejected),
        caches: usable<CacheEntry>("caches", caches, cacheProblem, rejected),
        ...(target === undefined ? {} : { target: parseTarget(target, rejected) }),
    };
    const unknown = {
        whole: without(whole, ["format", "volumes", "caches", "target"]),
        target: without(record(target) ?? {}, ["ports", "exports", "installation", "generations"]),
    };
    return { state, rest: { rejected, unknown } };
}

function without(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** Writes a state as a text, with what could not be used but for entries whose objects were saved since. */
export function formatState(state: SavedState, { rejected, unknown }: Rest): string {
    const { target } = state;
    const lists: Record<List, readonly object[]> = {
        ...state,
        ports: target?.ports ?? [],
        exports: target?.exports ?? [],
    };
    const plus = (list: List): unknown[] => {
        const key = KEYS[list];
        const saved = new Map(lists[list].map((entry) => [(entry as Record<string, unknown>)[key], entry]));
        const kept = rejected.filter(
            (one) => one.list === list && isDeepStrictEqual(saved.get(record(one.entry)?.[key]), one.instead),
        );
        return [...lists[list], ...kept.map(({ entry }) => entry)];
    };
    const whole = {
        ...unknown.whole,
        format: FORMAT,
        ...state,
        volumes: plus("volumes"),
        caches: plus("caches"),
        ...(target === undefined
            ? {}
            : { target: { ...unknown.target, ...target, ports: plus("ports"), exports: plus("exports") } }),
    };
    return `${JSON.stringify(whole, null, 2)}\n`;
}

function damaged(fault: StateFault): StateError {
    return new StateError({ kind: "state-damaged", fault });
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw damaged("not-json");
    }
}

function checkFormat(format: unknown): void {
    if (!Number.isSafeInteger(format)) {
        throw damaged("no-format");
    }
    if (format !== FORMAT) {
        const kind = (format as number) > FORMAT ? "state-newer" : "state-older";
        throw new StateError({ kind, format: String(format), known: FORMAT });
    }
}

function parseTarget(value: unknown, rejected: Rejected[]): SavedTarget {
    const { ports, exports, installation, generations } = record(value) ?? {};
    const counts = record(generations);
    if (!Array.isArray(ports) || !Array.isArray(exports)) {
        throw damaged("no-target");
    }
    if (typeof installation !== "string" || counts === undefined || !Object.values(counts).every(isCount)) {
        throw damaged("no-identities");
    }
    return {
        ports: usable<PortEntry>("ports", ports, portProblem, rejected),
        exports: usable<ExportEntry>("exports", exports, exportProblem, rejected),
        installation,
        generations: counts as Record<string, number>,
    };
}

/** Takes the entries of a list that can be used; the others are added to `rejected`. */
function usable<E>(
    list: List,
    entries: unknown[],
    problem: (fields: Record<string, unknown>) => Fault | undefined,
    rejected: Rejected[],
): E[] {
    const used = new Map<unknown, object>();
    const bad: Rejected[] = [];
    for (const [index, entry] of entries.entries()) {
        const fields = record(entry);
        const name = fields?.[KEYS[list]];
        const twice: Fault | undefined = used.has(name) ? { fault: "twice", field: "" } : undefined;
        const why: Fault | undefined =
            fields === undefined ? { fault: "not-object", field: "" } : (problem(fields) ?? twice);
        if (why === undefined) {
            used.set(name, entry as object);
        } else {
            const known = typeof name === "string" || typeof name === "number";
            bad.push({
                list,
                entry,
                why: { type: TYPES[list], name: known ? String(name) : "", index: known ? 0 : index, ...why },
            });
        }
    }
    rejected.push(
        ...bad.map((one) => {
            const instead = used.get(record(one.entry)?.[KEYS[list]]);
            return instead === undefined ? one : { ...one, instead };
        }),
    );
    return [...used.values()] as E[];
}

function record(value: unknown): Record<string, unknown> | undefined {
    return typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : undefined;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string";
const isFlag = (value: unknown): boolean => typeof value === "boolean";
const isDevice = (value: unknown): boolean => typeof value === "string" && value.startsWith("/dev/");
const isOne =
    (words: readonly string[]) =>
    (value: unknown): boolean =>
        words.includes(value as string);
const isOrigin = (value: Record<string, unknown> | undefined): boolean => isText(value?.id) && isCount(value?.size);
const isListOf =
    (item: (value: unknown) => boolean) =>
    (value: unknown): boolean =>
        Array.isArray(value) && value.every(item);

/** What is wrong with an entry, and in which of its fields. */
type Fault = Pick<ProblemOf<"entry-unusable">, "fault" | "field">;

/** Finds the first field that is not valid. */
function firstBad(
    fields: Record<string, unknown>,
    checks: Record<string, (value: unknown) => boolean>,
): Fault | undefined {
    const bad = Object.entries(checks).find(([name, check]) => !check(fields[name]));
    return bad === undefined
        ? undefined
        : { fault: fields[bad[0]] === undefined ? "missing" : "malformed", field: bad[0] };
}

/** Whether a check of the model lets a value through: what it refuses could never be made again. */
const passes =
    <T>(check: (value: T) => unknown) =>
    (value: unknown): boolean => {
        try {
            check(value as T);
            return true;
        } catch {
            return false;
        }
    };
const isNumber = passes(checkNumber);
const isSize = (value: unknown): boolean => isCount(value) && (value as number) > 0 && (value as number) % SECTOR === 0;
const isPortNumber = (value: unknown): boolean => isCount(value) && value !== 0 && (value as number) <= MAX_PORT;
const isAddress = (value: unknown): boolean => value === "" || (isText(value) && isIP(value as string) !== 0);
const isService = (value: unknown): boolean => isText(value) && /^([0-9]{1,5})?$/.test(value as string);

function volumeProblem(fields: Record<string, unknown>): Fault | undefined {
    return firstBad(fields, {
        number: isNumber,
        size: isSize,
        readOnly: isFlag,
        populated: (value) => value === undefined || isFlag(value),
    });
}

function cacheProblem(fields: Record<string, unknown>): Fault | undefined {
    return firstBad(fields, {
        name: (value) => isText(value) && passes(checkCacheName)(value),
        volume: isNumber,
        source: (value) => isDevice(value) && value !== `/dev/rd${String(fields.volume)}`,
        mode: isOne(NEW_MODES),
        origin: (value) => value === undefined || isOrigin(record(value)),
        blockSize: (value) => value === undefined || isCount(value),
    });
}

function portProblem(fields: Record<string, unknown>): Fault | undefined {
    return firstBad(fields, {
        id: isPortNumber,
        transport: isOne(TRANSPORTS),
        family: isOne(FAMILIES),
        address: isAddress,
        service: isService,
        interface: isText,
        tls: isFlag,
    });
}

function exportProblem(fields: Record<string, unknown>): Fault | undefined {
    return firstBad(fields, {
        nqn: isText,
        device: isDevice,
        uuid: isText,
        serial: isText,
        model: isText,
        enabled: isFlag,
        allowAnyHost: isFlag,
        hosts: isListOf(isText),
        authenticated: isListOf(isText),
        ports: isListOf(isCount),
    });
}
