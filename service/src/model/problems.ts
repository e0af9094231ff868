// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * What is wrong on this host, as values: a kind, and what its sentence names. The code that finds a problem makes the values; the
 * sentence is made of them here and nowhere else, and front ends may word it themselves, in another language.
 */

/** Why a saved state cannot be understood. */
export const STATE_FAULTS = {
    "not-json": "it is not JSON",
    "not-object": "it is no object",
    "no-format": "it names no format",
    "no-storage": "volumes or caches are no list",
    "no-target": "ports or exports are no list",
    "no-identities": "what the identities of exports are made of is malformed",
} as const;
export type StateFault = keyof typeof STATE_FAULTS;

/** Why an entry of the saved state cannot be used. */
export const ENTRY_FAULTS = {
    "not-object": "it is no object",
    missing: "its $0 is missing",
    malformed: "its $0 is malformed",
    twice: "there is another one of it before",
} as const;
export type EntryFault = keyof typeof ENTRY_FAULTS;

/** What an object is, where its name does not say it: `type` of a problem. */
export type ObjectType = "volume" | "cache" | "port" | "export" | "host";

/** An object as problems name it: rdN, a mapping, the number of a port, an NQN. */
interface NamedObject {
    object: string;
    type: ObjectType;
}

/** The same with a sentence of the service or the kernel that says why; "" when none is known. */
interface Reasoned extends NamedObject {
    reason: string;
}

interface OtherSize {
    volume: string;
    /** Bytes. */
    size: number;
    "saved-size": number;
}

interface OpenName {
    port: number;
    address: string;
    hosts: string;
    more: number;
    keys: boolean;
}

/** What the sentence of each kind of problem is made of. Sizes are bytes. */
interface Values {
    /** Of no other kind. */
    other: { sentence: string };
    "state-unreadable": { path: string; errno: string };
    "state-too-large": { path: string; limit: number };
    "state-damaged": { path: string; fault: StateFault };
    /** `format` is that of the file, `known` the one that this version reads. */
    "state-newer": { path: string; format: string; known: number };
    "state-older": { path: string; format: string; known: number };
    /** `name` is that of its object, "" when it has none that can be shown: `index` says which one it is then, from 0. */
    "entry-unusable": {
        path: string;
        type: ObjectType;
        name: string;
        index: number;
        fault: EntryFault;
        field: string;
    };
    "notes-unreadable": { path: string; errno: string };
    "note-unreadable": { path: string; errno: string };
    "work-interrupted": Reasoned & { operation: string };
    "work-failed": Reasoned & { operation: string };
    "host-stuck": Reasoned;
    missing: NamedObject;
    /** `needs` is a volume or a cache. */
    "missing-needs": NamedObject & { needs: string };
    /** `ports` are numbers: 1, 2. */
    "missing-needs-ports": NamedObject & { ports: string };
    "missing-failed": Reasoned;
    "missing-other-volume": NamedObject & { volume: string };
    "missing-other-size": NamedObject & OtherSize;
    "missing-volume-used": NamedObject & { volume: string; used: number };
    "missing-other-cache": NamedObject & { cache: string };
    "volume-replaced": NamedObject;
    "volume-differs": NamedObject & Omit<OtherSize, "volume">;
    "volume-unlocked": NamedObject;
    /** `volume` is "" for a device that is none. */
    "cache-differs": NamedObject & { volume: string; origin: string; "saved-volume": string; "saved-origin": string };
    /** `found` and `saved` are addresses: tcp 192.0.2.10:4420; "" for a port that is not set up. */
    "port-differs": NamedObject & { found: string; "found-tls": boolean; saved: string; "saved-tls": boolean };
    /** `device` is "" for none. */
    "export-differs": NamedObject & { device: string; "saved-device": string };
    "export-replaced": NamedObject & { device: string; uuid: string; "saved-uuid": string };
    "export-off-port": NamedObject & { port: number };
    "export-off-port-failed": Reasoned & { port: number };
    "export-unlinked": Reasoned & { port: number };
    "export-open": NamedObject & { port: number; address: string };
    "export-open-loopback": NamedObject & { port: number; address: string };
    /** `hosts` are NQNs: a, b; `more` counts those that are not named. `keys`: the kernel's target has keys. */
    "export-open-name": NamedObject & OpenName;
    "export-open-name-loopback": NamedObject & OpenName;
    "export-half-made": NamedObject;
    "export-device-unsaved": NamedObject & { device: string };
    "port-unreachable": NamedObject & { address: string };
    "origin-gone": NamedObject & { origin: string };
    "origin-gone-unwritten": NamedObject & { origin: string };
    "origin-failing": NamedObject & { origin: string; errors: number };
    "cache-stopped": NamedObject & { origin: string; volume: string; errno: number };
    "cache-volume-unsaved": NamedObject & { volume: string };
    "bridge-port-closed": { sentence: string };
    /** `program` is "" and `pid` 0 when only the user is known. */
    "bridge-port-taken": { sentence: string; port: number; program: string; pid: number; user: string };
}

export type ProblemKind = keyof Values;
/** A problem of one kind. */
export type ProblemOf<K extends ProblemKind> = K extends ProblemKind
    ? { readonly kind: K } & Readonly<Values[K]>
    : never;
/** Something that is wrong. */
export type Problem = ProblemOf<ProblemKind>;

/** Why a restore must not make a saved object of what is there now; see {@link obstacleWords}. */
export type Obstacle =
    | ({ readonly kind: "other-volume" } & Readonly<{ volume: string }>)
    | ({ readonly kind: "other-size" } & Readonly<OtherSize>)
    | ({ readonly kind: "volume-used" } & Readonly<{ volume: string; used: number }>)
    | ({ readonly kind: "other-cache" } & Readonly<{ cache: string }>);

/** Writes an obstacle in words that follow nothing. */
export function obstacleWords(obstacle: Obstacle): string {
    switch (obstacle.kind) {
        case "other-volume":
            return `${obstacle.volume} is another volume than the one that is saved`;
        case "other-size": {
            const { volume, size, "saved-size": saved } = obstacle;
            return `${volume} is another volume: it is there with ${size} bytes, saved are ${saved}`;
        }
        case "volume-used":
            return `${obstacle.volume} holds ${obstacle.used} bytes, which a cache would destroy: erase it`;
        case "other-cache":
            return `${obstacle.cache} is another cache than the one that is saved`;
    }
}

/** Says in words how an export of a saved NQN differs. @param subject how the sentence begins */
export function exportDifferenceWords(
    problem: ProblemOf<"export-differs"> | ProblemOf<"export-replaced">,
    subject: string,
): string {
    const what = problem.device || "no device";
    return problem.kind === "export-differs"
        ? `${subject} is there for ${what}, but saved is ${problem["saved-device"]}`
        : `${subject} is there for ${what} with the UUID ${problem.uuid}, but saved is ${problem["saved-uuid"]}`;
}

/** Says in words how a cache of a saved name differs. @param subject how the sentence begins */
export function cacheDifferenceWords(problem: ProblemOf<"cache-differs">, subject: string): string {
    return (
        `${subject} is there on ${problem.volume || "another device"} for ${problem.origin}, ` +
        `but saved is ${problem["saved-volume"]} for ${problem["saved-origin"]}`
    );
}

/** Says in words how a port of a saved number differs. */
export function portDifferenceWords(problem: ProblemOf<"port-differs">): string {
    const words = (address: string, tls: boolean): string => `${address || "not set up"}${tls ? " with TLS" : ""}`;
    return (
        `Port ${problem.object} is ${words(problem.found, problem["found-tls"])}, ` +
        `but saved is ${words(problem.saved, problem["saved-tls"])}`
    );
}

/** Says in words which hosts reach a port that authenticates nobody. @param address of the port, with its transport */
export function everybodyWords(isLoopback: boolean, port: number, address: string): string {
    const who = isLoopback ? "Every program of this host, whoever runs it," : "Every machine";
    return `${who} that reaches port ${port} (${address})`;
}

const MAKE = "remove it and restore, or make it persistent as it is.";

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, "");

/** Names an object at the beginning of a sentence. */
const subjectOf = ({ object, type }: NamedObject): string => (type === "port" ? `Port ${object}` : object);

const missing = (named: NamedObject, outlook: string): string => `${subjectOf(named)} is saved but not there${outlook}`;

const needs = (named: NamedObject, what: string): string =>
    missing(
        named,
        `, and ${what}, which it needs, is neither there nor saved; create that, or forget ${named.object}.`,
    );

const refused = (named: NamedObject, obstacle: Obstacle): string =>
    missing(
        named,
        `, and a restore refuses to make it: ${obstacleWords(obstacle)}. Put that right and restore, or forget ${named.object}.`,
    );

const unfinished = ({ operation, object, type, reason }: Reasoned & { operation: string }, how: string): string =>
    `${operation} of ${type === "port" ? `port ${object}` : object} ${how}` +
    `${reason === "" ? "" : `: ${withoutStop(reason)}`}; it is tried again.`;

const open = (problem: ProblemOf<"export-open"> | ProblemOf<"export-open-loopback">): string =>
    `${everybodyWords(problem.kind === "export-open-loopback", problem.port, problem.address)} can read and write ` +
    `${problem.object}, by the default of an earlier version: name its hosts, or allow any host, to say that any is meant.`;

const openName = (problem: ProblemOf<"export-open-name"> | ProblemOf<"export-open-name-loopback">): string => {
    const { object, port, address, hosts, more, keys } = problem;
    const remedy = keys
        ? "give each of them a key, or deny it."
        : "this kernel's NVMe target has no keys, so only a port with TLS, or a network of its own, keeps others out.";
    return (
        `${everybodyWords(problem.kind === "export-open-name-loopback", port, address)} and gives the name of a host ` +
        `can read and write ${object}: names are no secret, and ${hosts}${more > 0 ? ` and ${more} more` : ""} may connect ` +
        `without a key; ${remedy}`
    );
};

const gone = ({ object, origin }: { object: string; origin: string }): string =>
    `${origin}, the origin of ${object}, is gone: what ${object} does not hold can neither be read nor written`;

const offPort = ({ object, port }: { object: string; port: number }, outlook: string): string =>
    `${object} is not on port ${port}, where it is saved; ${outlook}.`;

const otherFormat = (problem: ProblemOf<"state-newer"> | ProblemOf<"state-older">): string => {
    const age = problem.kind === "state-newer" ? "a newer" : "an older";
    return (
        `The saved state ${problem.path} has the format ${problem.format}, of ${age} version of RapidDisk Manager; ` +
        `this one reads the format ${problem.known}. Install the version that wrote it, or move it away.`
    );
};

const damaged = (path: string, why: string): string =>
    `The saved state ${path} is damaged (${why}); repair it or move it away.`;

const SENTENCES: { readonly [K in ProblemKind]: (problem: ProblemOf<K>) => string } = {
    other: ({ sentence }) => sentence,
    "state-unreadable": ({ path, errno }) => `The saved state ${path} could not be read (${errno}).`,
    "state-too-large": ({ path, limit }) => damaged(path, `it is larger than ${limit} bytes`),
    "state-damaged": ({ path, fault }) => damaged(path, STATE_FAULTS[fault]),
    "state-newer": otherFormat,
    "state-older": otherFormat,
    "entry-unusable": ({ path, type, name, index, fault, field }) =>
        `The saved ${type} ${name === "" ? `entry ${index}` : name} (${ENTRY_FAULTS[fault].replace("$0", field)}) ` +
        `in ${path} cannot be used and is kept as it is; repair or remove it.`,
    "notes-unreadable": ({ path, errno }) => `Notes of unfinished work in ${path} could not be read (${errno}).`,
    "note-unreadable": ({ path, errno }) =>
        `The note ${path} of unfinished work could not be read (${errno}); the next start of the service tries again.`,
    "work-interrupted": (problem) => unfinished(problem, "was interrupted and is not put in order yet"),
    "work-failed": (problem) => unfinished(problem, "failed and could not be undone"),
    "host-stuck": ({ object, reason }) =>
        `Host ${object}, which nothing allows any more, could not be removed; it is tried again: ${reason}`,
    missing: (problem) => missing(problem, "; restoring makes it again, forgetting it drops what is saved."),
    "missing-needs": (problem) => needs(problem, problem.needs),
    "missing-needs-ports": (problem) => needs(problem, `port ${problem.ports}`),
    "missing-failed": (problem) =>
        missing(
            problem,
            `, and the last restore could not make it: ${withoutStop(problem.reason)}. ` +
                "Restoring tries it again, forgetting it drops what is saved.",
        ),
    "missing-other-volume": (problem) => refused(problem, { ...problem, kind: "other-volume" }),
    "missing-other-size": (problem) => refused(problem, { ...problem, kind: "other-size" }),
    "missing-volume-used": (problem) => refused(problem, { ...problem, kind: "volume-used" }),
    "missing-other-cache": (problem) => refused(problem, { ...problem, kind: "other-cache" }),
    "volume-replaced": ({ object }) => `${obstacleWords({ kind: "other-volume", volume: object })}; ${MAKE}`,
    "volume-differs": (problem) =>
        `${obstacleWords({ ...problem, kind: "other-size", volume: problem.object })}; ${MAKE}`,
    "volume-unlocked": ({ object }) =>
        `${object} is saved as locked, but can be written; restoring locks it, unlocking it saves that.`,
    "cache-differs": (problem) => `${cacheDifferenceWords(problem, problem.object)}; ${MAKE}`,
    "port-differs": (problem) => `${portDifferenceWords(problem)}; ${MAKE}`,
    "export-differs": (problem) => `${exportDifferenceWords(problem, problem.object)}; ${MAKE}`,
    "export-replaced": (problem) => `${exportDifferenceWords(problem, problem.object)}; ${MAKE}`,
    "export-off-port": (problem) => offPort(problem, "restoring puts it there"),
    "export-off-port-failed": (problem) =>
        offPort(
            problem,
            `the last restore could not put it there: ${withoutStop(problem.reason)}. Restoring tries it again, ` +
                "making the export persistent saves it as it is",
        ),
    "export-unlinked": ({ object, port, reason }) =>
        `${object} is not on port ${port} any more; putting it back is tried again: ${reason}`,
    "export-open": open,
    "export-open-loopback": open,
    "export-open-name": openName,
    "export-open-name-loopback": openName,
    "export-half-made": ({ object }) => `${object} is half made; remove it and create it anew.`,
    "export-device-unsaved": ({ object, device }) =>
        `${object} is saved, but ${device} is not, so that it cannot come again at boot.`,
    "port-unreachable": ({ object, address }) =>
        `Port ${object} is ${address}, but no interface that is up has that address: no host reaches ` +
        "it until one has it again, or the port is removed and made for another address.",
    "origin-gone": (problem) => `${gone(problem)}.`,
    "origin-gone-unwritten": (problem) => `${gone(problem)}, and what only it holds cannot be written back.`,
    "origin-failing": ({ object, origin, errors }) =>
        `${origin}, the origin of ${object}, reported ${errors} I/O ${errors === 1 ? "error" : "errors"} since ${object} was ` +
        "made or resized or its statistics were reset.",
    "cache-stopped": ({ object, origin, volume, errno }) =>
        `${object} stopped at an I/O error (errno ${errno}) of ${origin} or ${volume}: the kernel fails all I/O ` +
        "to it since, and what only it holds cannot be written back.",
    "cache-volume-unsaved": ({ object, volume }) =>
        `${object} is saved, but ${volume} is not, so that it cannot come again at boot; ` +
        `make ${volume} persistent as well, or ${object} not persistent.`,
    "bridge-port-closed": ({ sentence }) => sentence,
    "bridge-port-taken": ({ sentence }) => sentence,
};

/** Every kind of problem that there is. */
export const PROBLEM_KINDS = Object.keys(SENTENCES) as ProblemKind[];

/** Writes a problem as a sentence for a person. */
export function problemSentence(problem: Problem): string {
    return (SENTENCES[problem.kind] as (one: Problem) => string)(problem);
}

/** Something that failed and stays a problem: a store that cannot be read. Its message is the problem's sentence. */
export class ProblemError extends Error {
    override name = "ProblemError";
    constructor(
        readonly problem: Problem,
        options?: ErrorOptions,
    ) {
        super(problemSentence(problem), options);
    }
}

/** Makes the problem that an error is about. */
export const problemOfError = (error: unknown): Problem =>
    error instanceof ProblemError ? error.problem : { kind: "other", sentence: (error as Error).message };
