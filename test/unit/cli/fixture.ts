// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { BusError, ManagerClient, nameOfPath, objectPath, Variant } from "../../../service/src/client/index.js";
import type { Environment } from "../../../service/src/cli/environment.js";
import { runCommandLine } from "../../../service/src/cli/run.js";

/** One message as it would have gone to the bus. */
export interface Sent {
    path: string;
    interface: string;
    member: string;
    signature: string;
    args: readonly unknown[];
    interactive: boolean;
    timeoutMs: number;
}

/** Answers to calls, by member, or by interface and member; an Error is thrown at the caller. */
export type Answers = Record<
    string,
    unknown[] | Error | ((sent: Sent) => unknown[] | Error | Promise<unknown[] | Error>)
>;

/** Values with their signatures, as a{sv} comes off the bus. */
export function dictionary(values: Record<string, [string, unknown]>): Map<string, Variant> {
    return new Map(Object.entries(values).map(([key, [type, value]]) => [key, new Variant(type, value)]));
}

/** A volume as ListVolumes and GetAll give it. */
export function volume(name: string, changes: Record<string, [string, unknown]> = {}): Map<string, Variant> {
    return dictionary({
        path: ["o", objectPath("volumes", name)],
        Name: ["s", name],
        Number: ["u", Number(name.slice(2))],
        Device: ["s", `/dev/${name}`],
        Size: ["t", 67108864n],
        Used: ["t", 4096n],
        Populated: ["b", false],
        ReadOnly: ["b", false],
        Errors: ["t", 0n],
        InUse: ["b", false],
        Users: ["as", []],
        Persistent: ["b", false],
        Managed: ["b", true],
        ...changes,
    });
}

/** A cache mapping as ListCaches and GetAll give it. */
export function cache(name: string, changes: Record<string, [string, unknown]> = {}): Map<string, Variant> {
    return dictionary({
        path: ["o", objectPath("caches", name)],
        Name: ["s", name],
        Device: ["s", `/dev/mapper/${name}`],
        Volume: ["o", objectPath("volumes", "rd0")],
        Source: ["s", "/dev/sdb"],
        State: ["s", "ok"],
        Mode: ["s", "write-through"],
        Size: ["t", 1073741824n],
        CacheSize: ["t", 67108864n],
        BlockSize: ["u", 4096],
        InUse: ["b", false],
        Users: ["as", []],
        Persistent: ["b", false],
        Managed: ["b", true],
        ...changes,
    });
}

/** A port as ListPorts and GetAll give it. */
export function port(id: number, changes: Record<string, [string, unknown]> = {}): Map<string, Variant> {
    return dictionary({
        path: ["o", objectPath("ports", String(id))],
        Id: ["u", id],
        Transport: ["s", "tcp"],
        Address: ["s", "192.0.2.10"],
        Family: ["s", "ipv4"],
        Service: ["s", "4420"],
        Interface: ["s", "eth0"],
        Exports: ["ao", []],
        Tls: ["b", false],
        Persistent: ["b", false],
        Managed: ["b", true],
        ...changes,
    });
}

/** The NQN of the export of rd0. */
export const NQN = "nqn.2021-06.org.rapiddisk:here-rd0";

/** An export as ListExports and GetAll give it: rd0 for any host on port 1. */
export function exported(changes: Record<string, [string, unknown]> = {}): Map<string, Variant> {
    return dictionary({
        path: ["o", objectPath("exports", NQN)],
        Nqn: ["s", NQN],
        NamespaceId: ["u", 1],
        Device: ["s", "/dev/rd0"],
        Backing: ["o", objectPath("volumes", "rd0")],
        Enabled: ["b", true],
        AllowAnyHost: ["b", true],
        AllowedHosts: ["as", []],
        AuthenticatedHosts: ["as", []],
        Ports: ["ao", [objectPath("ports", "1")]],
        Serial: ["s", "0123456789abcdef0123"],
        Model: ["s", "RapidDisk"],
        Uuid: ["s", "0b6ff2c1-9d44-5a38-8a1b-2f6d3c7e5a90"],
        Nguid: ["s", "0b6ff2c1-9d44-5a38-8a1b-2f6d3c7e5a90"],
        Persistent: ["b", false],
        Managed: ["b", true],
        ...changes,
    });
}

/** The root object's properties. */
export function root(changes: Record<string, [string, unknown]> = {}): Map<string, Variant> {
    const modules = new Map([
        ["rapiddisk", true],
        ["rapiddisk_cache", true],
        ["dm_writecache", false],
        ["nvmet", true],
    ]);
    return dictionary({
        Version: ["s", "10.0.0"],
        ApiVersion: ["u", 1],
        Features: ["as", ["volumes", "cache-write-through"]],
        Modules: ["a{sb}", modules],
        MemoryTotal: ["t", 8589934592n],
        MemoryAvailable: ["t", 4294967296n],
        MemoryFree: ["t", 3221225472n],
        MemoryUsed: ["t", 4096n],
        MemoryCommitted: ["t", 67108864n],
        Problems: ["as", []],
        Missing: ["as", []],
        ...changes,
    });
}

/** A run of the CLI without a process, a terminal or a bus: what it said, and what it would have sent. */
export class FakeEnvironment implements Environment {
    version = "10.0.0";
    uid = 0;
    stdinIsTerminal = false;
    columns: number | undefined = undefined;
    color = false;
    stdout = "";
    stderr = "";
    sent: Sent[] = [];
    private clock = 0;

    constructor(
        private readonly answers: Answers = {},
        changes: Partial<Pick<Environment, "uid" | "columns" | "color">> = {},
    ) {
        Object.assign(this, changes);
    }

    out(text: string): void {
        this.stdout += text;
    }

    err(text: string): void {
        this.stderr += text;
    }

    now(): number {
        return (this.clock += 2000);
    }

    /** The changes among what was sent: everything but reading. */
    get changes(): Sent[] {
        return this.sent.filter(({ member }) => !/^(Get|List|Resolve)/.test(member));
    }

    connect = (): Promise<ManagerClient> =>
        Promise.resolve(
            new ManagerClient({
                name: ":1.99",
                closed: new Promise(() => undefined),
                close: () => Promise.resolve(),
                subscribe: () => Promise.reject(new Error("The CLI listens to no signals.")),
                call: (target, signature, args, options = {}) => {
                    const { interactive = false, timeoutMs = -1 } = options;
                    const sent: Sent = { ...target, signature, args, interactive, timeoutMs };
                    this.sent.push(sent);
                    return this.answer(sent);
                },
            }),
        );

    /** What GetStatistics answers for each volume and cache of the lists, by object path. */
    private async allStatistics(sent: Sent): Promise<Map<string, unknown>> {
        const all = new Map<string, unknown>();
        for (const member of ["ListVolumes", "ListCaches"]) {
            const [rows] = (await this.answer({ ...sent, member })) as [Map<string, Variant>[]];
            for (const row of rows) {
                const path = row.get("path")!.value as string;
                all.set(path, (await this.answer({ ...sent, path, member: "GetStatistics" }))[0]);
            }
        }
        return all;
    }

    private async answer(sent: Sent): Promise<unknown[]> {
        if (sent.member === "GetAllStatistics" && this.answers.GetAllStatistics === undefined) {
            return [await this.allStatistics(sent)];
        }
        const found = this.answers[sent.member] ?? defaults(sent);
        const answer = typeof found === "function" ? await found(sent) : found;
        if (answer === undefined) {
            throw new BusError("org.freedesktop.DBus.Error.UnknownMethod", `No answer for ${sent.member}.`);
        }
        if (answer instanceof Error) {
            throw answer;
        }
        return answer;
    }
}

/** One volume, one mapping, and everything that is asked for works. */
function defaults({ path, member, args }: Sent): unknown[] | undefined {
    switch (member) {
        case "GetAll":
            return path.includes("/volumes/")
                ? [volume(nameOfPath(path))]
                : path.includes("/caches/")
                  ? [cache(nameOfPath(path))]
                  : path.includes("/ports/")
                    ? [port(Number(nameOfPath(path)))]
                    : path.includes("/exports/")
                      ? [exported()]
                      : [root()];
        case "ListVolumes":
            return [[volume("rd0")]];
        case "ListCaches":
            return [[cache("rc-wt_sdb")]];
        case "ListPorts":
        case "ListExports":
        case "GetConnections":
        case "GetResources":
            return [[]];
        case "CreateVolume":
            return [objectPath("volumes", "rd1")];
        case "CreateCache":
            return [objectPath("caches", `rc-wt_${String(args[1]).split("/").at(-1)}`)];
        case "CreatePort":
            return [objectPath("ports", args[0] === 0 ? "1" : String(args[0]))];
        case "CreateExport":
            return [objectPath("exports", NQN)];
        case "AllowHost":
        case "DenyHost":
        case "SetAllowAnyHost":
        case "SetHostKeys":
        case "AddPort":
        case "RemovePort":
        case "SetEnabled":
        case "Revalidate":
        case "Resize":
        case "SetReadOnly":
        case "Erase":
        case "Remove":
        case "Flush":
        case "SetPersistent":
        case "SetMode":
        case "Forget":
        case "ResetStatistics":
        case "Cancel":
            return [];
        default:
            return undefined;
    }
}

/** Runs the command in a {@link FakeEnvironment}. @param line its words, with blanks between @param changes of the environment */
export async function run(
    line: string,
    answers: Answers = {},
    changes: ConstructorParameters<typeof FakeEnvironment>[1] = {},
) {
    const environment = new FakeEnvironment(answers, changes);
    const status = await runCommandLine(line.split(" "), environment);
    return {
        status,
        stdout: environment.stdout,
        stderr: environment.stderr,
        changes: environment.changes,
        sent: environment.sent,
    };
}
