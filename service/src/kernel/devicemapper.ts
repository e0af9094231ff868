// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Device-mapper through dmsetup(8), which does the ioctls, the udev hand-shake and the nodes in a process of its own. */
import { stat } from "node:fs/promises";
import { CoalescedRead } from "../system/coalescedread.js";
import { Semaphore } from "../system/semaphore.js";
import { parseStatus, parseTables } from "./dmsetup-parse.js";
import { errnoInText } from "./errno.js";
import type { Tools } from "./exec.js";
import { readLine, readNames, readText } from "./files.js";
import { KernelLog } from "./kernellog.js";
import { checkForeignMappingName, checkMappingName, checkMappingUuid, checkMessage, checkTable } from "./names.js";
import type { Paths } from "./paths.js";
import { type BlockDevice, KernelError, type Mapping } from "./port.js";

const NODE_WAIT_MS = 5000;
/** Anybody may ask for the state of a mapping, and each answer is a process: there are no more of them at once. */
const MOST_STATUS_RUNS = 4;
/** How often the tables are asked for when mappings come and go meanwhile. */
const TABLE_TRIES = 5;

const isMapping = (device: string): boolean => /^dm-\d+$/.test(device);

/** The adapter of device-mapper. Names go to dmsetup unmangled and after `--`, so that none can be taken for an option. */
export class DeviceMapper {
    private readonly log: KernelLog;
    private readonly statuses = new Map<string, CoalescedRead<string>>();
    private readonly statusTurns = new Semaphore(MOST_STATUS_RUNS);

    /** @param kernelLog descriptor of the kernel log, where the service was given one */
    constructor(
        private readonly paths: Paths,
        private readonly tools: Tools,
        kernelLog?: number,
    ) {
        this.log = new KernelLog(paths.kernelLog, tools, kernelLog);
    }

    /** Reads every mapping. One dmsetup run when there is any, none when there is none. */
    async read(): Promise<Mapping[]> {
        const found = this.names();
        if (found.length === 0) return [];
        const { stdout } = await this.tables(found.map(({ name }) => name));
        const tables = parseTables(
            stdout,
            found.map(({ name }) => name),
        );
        // A mapping that vanished in between has no table any more, and one without a table yet has no target.
        return found.map((mapping) => ({ ...mapping, targets: tables.get(mapping.name) ?? [] }));
    }

    /** Creates and activates a mapping; when this returns, its node is there. @throws KernelError EBUSY, EINVAL, ENODEV … */
    async create(name: string, uuid: string, table: { length: number; type: string; params: string }): Promise<void> {
        checkMappingName(name);
        checkMappingUuid(uuid);
        checkTable(table);
        if (this.find(name)) {
            throw new KernelError("EBUSY", `Creating mapping ${name} failed (EBUSY): the name is taken.`);
        }
        const line = `0 ${table.length} ${table.type} ${table.params}`;
        const position = await this.log.position();
        const identity = uuid === "" ? [] : ["--uuid", uuid];
        await this.dmsetup(["create", ...identity, "--table", line, "--", name], `create mapping ${name}`, {
            why: (errno) => this.log.deviceMapperReason(position, table.type, errno),
        });
        try {
            await this.awaitNode(name);
        } catch (error) {
            // A step that fails must have changed nothing.
            await this.dmsetup(["remove", "--retry", "--", name], `remove mapping ${name}`).catch(() => undefined);
            throw error;
        }
    }

    /** Puts a new table in the place of the old one. @throws KernelError ENOENT, EINVAL, EBUSY, ENOMEM … */
    async reload(name: string, table: { length: number; type: string; params: string }): Promise<void> {
        this.need(name);
        checkTable(table);
        const line = `0 ${table.length} ${table.type} ${table.params}`;
        const position = await this.log.position();
        await this.dmsetup(["reload", "--table", line, "--", name], `load a new table for mapping ${name}`, {
            why: (errno) => this.log.deviceMapperReason(position, table.type, errno),
        });
        try {
            // File systems need not be frozen, which writes out all that they hold: the data stays where it is.
            await this.dmsetup(["resume", "--nolockfs", "--", name], `put the new table of mapping ${name} in force`, {
                timeout: 0,
            });
        } catch (error) {
            // A step that fails must have changed nothing, and I/O must go on.
            await this.dmsetup(["clear", "--", name], `drop the new table of mapping ${name}`).catch(() => undefined);
            await this.dmsetup(["resume", "--", name], `resume mapping ${name}`).catch(() => undefined);
            throw error;
        }
    }

    /** Removes a mapping. @throws KernelError EBUSY (open), ENOENT */
    async remove(name: string): Promise<void> {
        this.need(name);
        await this.dmsetup(["remove", "--", name], `remove mapping ${name}`);
    }

    /**
     * Sends a message to a mapping. No bound on time for a flush, which takes as long as the data.
     * @throws KernelError ENOENT, EINVAL, EIO, ETIMEDOUT …
     */
    async message(name: string, message: string): Promise<string> {
        this.need(name);
        checkMessage(message);
        const words = message.split(/ +/).filter((word) => word !== "");
        const what = `send "${words.join(" ")}" to mapping ${name}`;
        const limits = words[0] === "flush" ? { timeout: 0 } : {};
        const { stdout } = await this.dmsetup(["message", "--", name, "0", ...words], what, limits);
        return stdout.trimEnd();
    }

    /** Reads the status of a mapping. @throws KernelError ENOENT */
    status(name: string): Promise<string> {
        return this.shared(`status ${name}`, () => this.readStatus(name));
    }

    /** Asks a target for its `stats`. @throws KernelError ENOENT, EINVAL (the target has no such message) */
    stats(name: string): Promise<string> {
        return this.shared(`stats ${name}`, () => this.message(name, "stats"));
    }

    /** One reading for all who ask for the same at once. */
    private shared(what: string, read: () => Promise<string>): Promise<string> {
        const known = this.statuses.get(what);
        if (known) return known.get();
        const shared: CoalescedRead<string> = new CoalescedRead(() =>
            this.statusTurns.run(read).finally(() => this.forgetStatus(what)),
        );
        this.statuses.set(what, shared);
        return shared.get();
    }

    private async readStatus(name: string): Promise<string> {
        this.need(name);
        const { stdout } = await this.dmsetup(
            ["status", "--noflush", "--", name],
            `read the status of mapping ${name}`,
        );
        return parseStatus(stdout) ?? "";
    }

    /** Drops a shared reading that nobody asks for any more. */
    private forgetStatus(what: string): void {
        setImmediate(() => {
            if (this.statuses.get(what)?.idle) this.statuses.delete(what);
        });
    }

    /** Reads the tables of all mappings. dmsetup fails when one that it has listed is gone before its turn: then again. */
    private async tables(names: readonly string[], tries = TABLE_TRIES): Promise<{ stdout: string }> {
        try {
            return await this.dmsetup(["table"], "read the tables", { maxOutput: 2 ** 24 });
        } catch (error) {
            const now = this.names().map(({ name }) => name);
            if (tries <= 1 || now.join("\n") === names.join("\n")) throw error;
            return now.length === 0 ? { stdout: "" } : this.tables(now, tries - 1);
        }
    }

    /** Gives back what it opened. */
    close(): void {
        this.log.close();
    }

    /**
     * Makes text that changes whenever a mapping comes, goes or gets another name; for when its uevent was lost.
     * @param names kernel names of all block devices
     */
    digest(names: readonly string[]): string {
        return names
            .filter(isMapping)
            .map((device) => `${device} ${readText(`${this.paths.block(device)}/dm/name`) ?? ""}`)
            .join("\n");
    }

    private devices(): string[] {
        return readNames(this.paths.classBlock).filter(isMapping);
    }

    /** Names, UUIDs and states out of sysfs. */
    private names(): Omit<Mapping, "targets">[] {
        return this.devices().flatMap((device) => {
            const directory = this.paths.block(device);
            const name = (readText(`${directory}/dm/name`) ?? "").replace(/\n$/, "");
            if (name === "") return [];
            return {
                name,
                uuid: readLine(`${directory}/dm/uuid`),
                device,
                devno: readLine(`${directory}/dev`),
                suspended: readLine(`${directory}/dm/suspended`) === "1",
            };
        });
    }

    private find(name: string): Omit<Mapping, "targets"> | undefined {
        return this.names().find((mapping) => mapping.name === name);
    }

    private need(name: string): void {
        checkForeignMappingName(name);
        if (!this.find(name)) throw new KernelError("ENOENT", `There is no mapping ${name}.`);
    }

    private async dmsetup(
        args: string[],
        what: string,
        options: { timeout?: number; maxOutput?: number; why?: (errno: string) => Promise<string | undefined> } = {},
    ): Promise<{ stdout: string }> {
        const { why, ...limits } = options;
        const { status, stdout, stderr } = await this.tools.run("dmsetup", ["--manglename", "none", ...args], limits);
        if (status === 0) return { stdout };
        const errno = dmErrno(stderr);
        const reason = await why?.(errno);
        throw new KernelError(errno, `The kernel refused to ${what} (${errno})${reason ? `: ${reason}` : ""}.`);
    }

    /** dmsetup waits for udev where udev runs; where it does not, or answers late, the node is waited for here. */
    private async awaitNode(name: string): Promise<void> {
        const node = `${this.paths.dev}/mapper/${name}`;
        const deadline = performance.now() + NODE_WAIT_MS;
        for (let attempt = 0; ; attempt++) {
            const found = await stat(node).catch(() => undefined);
            if (found) return;
            if (attempt === 1) await this.dmsetup(["mknodes", "--", name], `make the node of mapping ${name}`);
            if (performance.now() > deadline) {
                throw new KernelError("ETIMEDOUT", `Mapping ${name} was made, but /dev/mapper/${name} did not appear.`);
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }
}

/** Finds the errno of a failed dmsetup run. */
function dmErrno(stderr: string): string {
    if (/^Device .* not found$/m.test(stderr)) return "ENOENT";
    // The line of the ioctl that failed counts, not what dmsetup said while it cleaned up.
    const failed = /ioctl .*failed: (.*)$/m.exec(stderr)?.[1];
    const errno = errnoInText(failed ?? stderr) ?? "EIO";
    return errno === "ENXIO" ? "ENOENT" : errno;
}

/**
 * Gives mappings the names that block devices have in the same reading: dmsetup and sysfs are read apart, and a mapping that
 * is renamed between the two would be one thing by one and another by the other.
 */
export function sameNames(
    mappings: readonly Mapping[],
    devices: readonly Pick<BlockDevice, "name" | "path" | "type">[],
): Mapping[] {
    const names = new Map(
        devices
            .filter(({ type, path }) => type === "dm" && path.startsWith("/dev/mapper/"))
            .map(({ name, path }) => [name, path.slice("/dev/mapper/".length)]),
    );
    return mappings.map((mapping) => ({ ...mapping, name: names.get(mapping.device) ?? mapping.name }));
}
