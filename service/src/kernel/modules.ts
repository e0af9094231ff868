// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Kernel modules: which are loaded, which could be, and loading them. */
import { readFile, stat } from "node:fs/promises";
import { errnoInText } from "./errno.js";
import type { Tools } from "./exec.js";
import { exists, readLine } from "./files.js";
import type { Paths } from "./paths.js";
import { KernelError, MODULES, type ModuleName } from "./port.js";

/** The adapter of modules. */
export class Modules {
    /** What is installed, as of the modification times in `key`. */
    private installed: { key: string; names: Set<string>; builtin: Set<string> } | undefined;

    constructor(
        private readonly paths: Paths,
        private readonly tools: Tools,
    ) {}

    /** Tells whether each known module is in the running kernel, loaded or built in. */
    async states(): Promise<Record<ModuleName, boolean>> {
        const { builtin } = await this.readInstalled();
        return Object.fromEntries(MODULES.map((name) => [name, builtin.has(name) || this.live(name)])) as Record<
            ModuleName,
            boolean
        >;
    }

    /** Lists known modules that are loaded, built in, or present on disk for the running kernel. */
    async available(): Promise<ModuleName[]> {
        const { names, builtin } = await this.readInstalled();
        return MODULES.filter((name) => names.has(name) || builtin.has(name) || this.live(name));
    }

    /**
     * Loads a module.
     * @throws KernelError ENOENT (not installed), EPERM, ENOEXEC (made for another kernel), EKEYREJECTED (signature) …
     */
    async load(name: ModuleName): Promise<void> {
        if (!MODULES.includes(name)) {
            throw new KernelError("EINVAL", `${String(name)} is not a module of this service.`);
        }
        if ((await this.states())[name]) return;
        const { status, stderr } = await this.tools.run("modprobe", ["--", name], { timeout: 60_000 });
        if (status === 0) {
            if (this.live(name)) return;
            throw new KernelError("EIO", `modprobe reported that ${name} is loaded, but the kernel does not have it.`);
        }
        const why = stderr.trim().split("\n").at(-1) ?? "";
        if (/not found/.test(why)) {
            throw new KernelError(
                "ENOENT",
                `Module ${name} is not installed for kernel ${readLine(this.paths.release)}.`,
            );
        }
        const errno = /unknown symbol/i.test(why) ? "ENOEXEC" : (errnoInText(why) ?? "EIO");
        if (errno === "EPERM" && (await this.loadBySystemd(name))) return;
        throw new KernelError(errno, `Loading module ${name} failed (${errno}): ${plain(why)}`);
    }

    /** In its sandbox the service may not load modules itself, but root may ask systemd to (modprobe@.service). */
    private async loadBySystemd(name: ModuleName): Promise<boolean> {
        const limits = { timeout: 60_000 };
        await this.tools
            .run("systemctl", ["--quiet", "start", "--", `modprobe@${name}.service`], limits)
            .catch(() => undefined);
        return this.live(name);
    }

    /** Loaded, and past its initialisation. */
    private live(name: string): boolean {
        const directory = `${this.paths.module}/${name}`;
        return exists(directory) && ["live", ""].includes(readLine(`${directory}/initstate`));
    }

    private async readInstalled(): Promise<{ names: Set<string>; builtin: Set<string> }> {
        const directory = `${this.paths.modulesDirectory}/${readLine(this.paths.release)}`;
        const files = [`${directory}/modules.dep`, `${directory}/modules.builtin`] as const;
        const key = (await Promise.all(files.map(stamp))).join(" ");
        if (this.installed?.key !== key) {
            const [names, builtin] = await Promise.all(files.map(knownModules));
            this.installed = { key, names: names ?? new Set(), builtin: builtin ?? new Set() };
        }
        return this.installed;
    }
}

const stamp = (file: string): Promise<string> =>
    stat(file).then(
        (stats) => `${stats.ino}.${stats.mtimeMs}.${stats.size}`,
        () => "-",
    );

/** Finds our modules among the paths that begin the lines of modules.dep or modules.builtin. */
async function knownModules(file: string): Promise<Set<string>> {
    const text = await readFile(file, "utf8").catch(() => "");
    return new Set(
        MODULES.filter((name) =>
            new RegExp(`(^|/)${name.replaceAll("_", "[_-]")}\\.ko(\\.(xz|zst|gz))?(:|$)`, "m").test(text),
        ),
    );
}

/** Gives a tool's line without its own name and severity. */
const plain = (line: string): string => line.replace(/^modprobe: (FATAL|ERROR): /, "").replace(/\.?$/, ".");
