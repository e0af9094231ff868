// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import type { ListedResource } from "../../client/index.js";
import {
    getProperties,
    listCaches,
    listExports,
    listJobs,
    listPorts,
    listResources,
    listVolumes,
    nameOfPath,
    objectPath,
    options,
    optionsFor,
    rangeOf,
    request,
} from "../../client/index.js";
import type { ListedCache, ListedExport, ListedJob, ListedPort, ListedVolume } from "../../client/index.js";
import type { OutputStyle } from "../output/table.js";
import { renderPairs, renderTable } from "../output/table.js";
import { printable } from "../output/text.js";
import { formatSize, UsageError } from "../units.js";
import type { Command, PlanReader } from "./command.js";
import { GONE, IF_EXISTS, single } from "./command.js";
import { shownName } from "./objects.js";
import { exportTable, portTable } from "./targetviews.js";
import { cacheTable, jsonObject, usersCell, volumeTable, yesNo } from "./views.js";
import { parseNumber } from "./volume.js";

function resourceTable(resources: readonly ListedResource[], style: OutputStyle): string {
    const rows = resources.map((device) => [
        device.path,
        formatSize(device.size),
        device.type,
        device.vendor || "-",
        device.model || "-",
        yesNo(device.cacheable),
        usersCell(device.users),
    ]);
    return renderTable(
        [
            { title: "DEVICE", flexible: true },
            { title: "SIZE", align: "right" },
            { title: "TYPE" },
            { title: "VENDOR", flexible: true },
            { title: "MODEL", flexible: true },
            { title: "CACHEABLE" },
            { title: "USED BY", flexible: true },
        ],
        rows,
        style,
    );
}

function jobTable(jobs: readonly ListedJob[], style: OutputStyle): string {
    if (jobs.length === 0) {
        return "No jobs.\n";
    }
    const rows = jobs.map((job) => [
        nameOfPath(job.path),
        job.Operation,
        job.State,
        `${Math.floor(job.Progress * 100)} %`,
        job.Objects.map(shownName).join(", "),
        job.Message || "-",
    ]);
    return renderTable(
        [
            { title: "JOB", align: "right" },
            { title: "OPERATION" },
            { title: "STATE" },
            { title: "PROGRESS", align: "right" },
            { title: "OBJECTS" },
            { title: "MESSAGE", flexible: true },
        ],
        rows,
        style,
    );
}

function moduleTable(modules: ReadonlyMap<string, boolean>, style: OutputStyle): string {
    const rows = [...modules].map(([name, loaded]) => [name, yesNo(loaded)]);
    return renderTable([{ title: "MODULE" }, { title: "LOADED" }], rows, style);
}

const status: Command = {
    words: ["status"],
    summary: "Show the service, what this host can do, kernel modules and memory.",
    operands: [],
    options: {},
    plan: () =>
        single(getProperties(INTERFACE.manager, ROOT), (root) => ({
            value: jsonObject(root),
            text(style) {
                const loaded = [...root.Modules].filter(([, is]) => is).map(([name]) => name);
                const pairs: [string, string][] = [
                    ["Service", `${root.Version}, interface version ${root.ApiVersion}`],
                    ["Can do", root.Features.join(", ") || "nothing: the kernel modules are missing"],
                    ["Modules loaded", loaded.join(", ") || "none"],
                    ["Memory", `${formatSize(root.MemoryTotal)}, ${formatSize(root.MemoryAvailable)} available`],
                    [
                        "Volumes",
                        `${formatSize(root.MemoryCommitted)} when full, ${formatSize(root.MemoryUsed)} held now`,
                    ],
                ];
                pairs.push(...root.Problems.map((problem): [string, string] => ["Problem", problem]));
                return renderPairs(pairs, style);
            },
        })),
};

const everything: Command = {
    words: ["list"],
    summary: "List everything: volumes, cache mappings, NVMe ports and exports.",
    operands: [],
    options: {},
    plan: () => ({
        requests: [listVolumes(), listCaches(), listPorts(), listExports()],
        outcome(answers) {
            const [volumes, caches, ports, exports] = answers as [
                ListedVolume[],
                ListedCache[],
                ListedPort[],
                ListedExport[],
            ];
            const target = (style: OutputStyle): string =>
                ports.length + exports.length === 0
                    ? ""
                    : `\n${portTable(ports, style)}\n${exportTable(exports, style)}`;
            return {
                value: {
                    volumes: volumes.map(jsonObject),
                    caches: caches.map(jsonObject),
                    ports: ports.map(jsonObject),
                    exports: exports.map(jsonObject),
                },
                text: (style) => `${volumeTable(volumes, style)}\n${cacheTable(caches, style)}${target(style)}`,
            };
        },
    }),
};

const resources: Command = {
    words: ["resources"],
    summary: "List the block devices of this host and whether each can be cached.",
    operands: [],
    options: {},
    plan: () =>
        single(listResources(), (devices) => ({
            value: devices.map(jsonObject),
            text: (style) => resourceTable(devices, style),
        })),
};

const modules: Command = {
    words: ["modules", "list"],
    summary: "List the kernel modules that the service uses and whether each is loaded.",
    operands: [],
    options: {},
    plan: () =>
        single(getProperties(INTERFACE.manager, ROOT), (root) => ({
            value: root.Modules,
            text: (style) => moduleTable(root.Modules, style),
        })),
};

const load: Command = {
    words: ["modules", "load"],
    summary: "Load the kernel modules that are missing.",
    operands: [],
    options: {},
    plan: () =>
        single(request(INTERFACE.manager, ROOT, "LoadModules", options()), (loaded) => ({
            value: loaded,
            text: () => (loaded.length === 0 ? "Nothing was missing.\n" : `Loaded ${loaded.join(", ")}.\n`),
        })),
};

const jobs: Command = {
    words: ["jobs", "list"],
    summary: "List running work and work that ended within the last minute.",
    operands: [],
    options: {},
    plan: () =>
        single(listJobs(), (all) => ({
            value: all.map(jsonObject),
            text: (style) => jobTable(all, style),
        })),
};

const cancel: Command = {
    words: ["jobs", "cancel"],
    summary: "Stop running work; what was done is left whole.",
    operands: [{ name: "JOB", doc: "Number of the job.", completes: "jobs" }],
    options: {},
    plan({ operands }) {
        const number = operands[0]!;
        if (!/^[0-9]+$/.test(number)) {
            throw new UsageError(`A job is named by its number, not "${number}"; see rapiddisk jobs.`);
        }
        const call = request(INTERFACE.job, objectPath("jobs", number), "Cancel", options());
        return single(call, () => ({ value: { cancelled: number }, text: () => `Cancelled job ${number}.\n` }));
    },
};

const restore: Command = {
    words: ["restore"],
    summary: "Make again what is to be there after each boot and is not.",
    operands: [],
    options: {
        exports: { doc: "Only NVMe ports and exports, without volumes and caches." },
        wait: { value: "SECONDS", doc: "Try exports again that long whose addresses or devices are not there yet." },
    },
    plan: ({ options: given }) => {
        const chosen = optionsFor("Manager.Restore", {
            parts: given.exports === undefined ? undefined : ["exports"],
            wait:
                given.wait === undefined
                    ? undefined
                    : parseNumber(given.wait, "--wait", rangeOf("Manager.Restore", "wait")),
        });
        return single(request(INTERFACE.manager, ROOT, "Restore", chosen), ([made, failed]) => ({
            value: { made, failed },
            failed: failed.length > 0,
            text: () =>
                [made.length > 0 ? `Made ${made.join(", ")}.` : "Nothing was made.", ...failed.map(printable)]
                    .map((line) => `${line}\n`)
                    .join(""),
        }));
    },
};

/** What {@link savedNames} asks. */
const SAVED = [getProperties(INTERFACE.manager, ROOT), listVolumes(), listPorts()] as const;

/** Names what is restored at boot, as a person would. */
async function savedNames(reader: PlanReader): Promise<Set<string>> {
    const [root, volumes, ports] = await Promise.all([
        reader.read(SAVED[0]),
        reader.read(SAVED[1]),
        reader.read(SAVED[2]),
    ]);
    const portName = (id: string | number): string => `port ${id}`;
    return new Set([
        ...root.Missing.map((name) => (/^[0-9]+$/.test(name) ? portName(name) : name)),
        ...volumes.filter(({ Persistent }) => Persistent).map(({ Name }) => Name),
        ...ports.filter(({ Persistent }) => Persistent).map(({ Id }) => portName(Id)),
    ]);
}

const forget: Command = {
    words: ["forget"],
    summary: "Drop the saved entry of an object that is not there.",
    details: "A volume or port that is saved only because of that object is dropped as well, which is said.",
    operands: [{ name: "NAME", doc: "Its name, as shown by rapiddisk status." }],
    options: { "if-exists": IF_EXISTS },
    plan({ operands, options: given }, reader) {
        const name = operands[0]!;
        let before = new Set<string>();
        const plan = single<unknown>(request(INTERFACE.manager, ROOT, "Forget", name, options()), async (answer) => {
            if (answer === GONE) {
                return {
                    value: { forgotten: null, also: [] },
                    text: () => `Nothing is saved as ${printable(name)}: nothing was done.\n`,
                };
            }
            const now = await savedNames(reader);
            const also = [...before].filter((one) => !now.has(one) && one !== name && one !== `port ${name}`);
            return {
                value: { forgotten: name, also },
                text: () =>
                    `Forgot ${printable(name)}.\n` +
                    also.map((one) => `Forgot ${printable(one)}, which was saved only because of it.\n`).join(""),
            };
        });
        const prepare = async (): Promise<void> => void (before = await savedNames(reader));
        const followUps = SAVED.map((each) => ({ request: each }));
        return { ...plan, prepare, beforehand: SAVED, followUps, mayVanish: given["if-exists"] !== undefined };
    },
};

/** Names for shell completion, one a line. */
const complete: Command = {
    words: ["__complete"],
    hidden: true,
    summary: "Names for shell completion.",
    operands: [{ name: "KIND", doc: "volumes, caches, ports, exports, names or jobs." }],
    options: {},
    async plan({ operands }, reader) {
        const kind = operands[0]!;
        const names: string[] = [];
        if (kind === "volumes" || kind === "names") {
            names.push(...(await reader.read(listVolumes())).map((volume) => volume.Name));
        }
        if (kind === "caches" || kind === "names") {
            names.push(...(await reader.read(listCaches())).map((cache) => cache.Name));
        }
        if (kind === "ports") {
            names.push(...(await reader.read(listPorts())).map((port) => String(port.Id)));
        }
        if (kind === "exports") {
            names.push(...(await reader.read(listExports())).map((one) => one.Nqn));
        }
        if (kind === "jobs") {
            names.push(...(await reader.read(listJobs())).map((job) => nameOfPath(job.path)));
        }
        return {
            requests: [],
            outcome: () => ({ value: names, text: () => names.map((name) => `${name}\n`).join("") }),
        };
    },
};

/** Commands that are not about one kind of object. */
export const GENERAL_COMMANDS: readonly Command[] = [
    everything,
    status,
    resources,
    modules,
    load,
    restore,
    forget,
    jobs,
    cancel,
    complete,
];
