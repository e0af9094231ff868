// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A host with Cockpit and our service over a simulated kernel, without a virtual machine. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { RemoteSim } from "../../service/daemon/fixture.js";
import { freePort } from "../../service/harness/index.js";
import { findUserland, productStage } from "./product.js";

const ENTER = join(dirname(fileURLToPath(import.meta.url)), "enter.sh");
const execute = promisify(execFile);

/** The command line of the service, for pgrep(1). */
const PROCESS = "^/usr/bin/node .*rapiddiskd[.]cjs";

/** How to start a host. */
export interface HostOptions {
    /** People log in as `admin` with the host's password; otherwise the page belongs to root at once. */
    login?: boolean;
    /** The product's directory, by default as `make install` lays it out. */
    stage?: string;
    /** Port of 127.0.0.1; by default a free one. */
    port?: number;
    /** Puts something into the host's directory before anything starts. */
    prepare?: (directory: string) => Promise<unknown>;
}

/** A running host. */
export interface Host {
    /** Where Cockpit is, without a slash at the end. */
    readonly url: string;
    /** Password of `admin`; empty without login. */
    readonly password: string;
    /** Directory that the host sees as /run/rapiddisk-test. */
    readonly directory: string;
    /** Runs a program in there as root. @throws Error with what it printed when its status is not 0 @returns its output */
    run(command: readonly string[]): Promise<string>;
    /** Does something to the simulated kernel, as another program would. */
    kernel(call: string, ...args: unknown[]): Promise<unknown>;
    /** Starts the service as somebody's call does, and waits until it is there. */
    startService(): Promise<void>;
    /** Ends the service. @param signal default TERM */
    stopService(signal?: "TERM" | "KILL" | "STOP" | "CONT"): Promise<void>;
    /** Whether a call starts the service (default) or is refused. */
    allowService(allowed: boolean): void;
    /** What the service wrote to its log. */
    serviceLog(): string;
    /** Ends everything. */
    stop(): Promise<void>;
}

/** Starts a host; takes about a second. */
export async function startHost(options: HostOptions = {}): Promise<Host> {
    const [userland, stage] = await Promise.all([findUserland(), options.stage ?? productStage()]);
    for (let attempt = 1; ; attempt++) {
        try {
            return await start(userland, stage, options);
        } catch (error) {
            // Somebody else may have taken the port in between.
            if (attempt === 3 || options.port !== undefined) throw error;
        }
    }
}

async function start(userland: string, stage: string, options: HostOptions): Promise<Host> {
    const directory = mkdtempSync(join(tmpdir(), "rapiddisk-page-"));
    chmodSync(directory, 0o755);
    mkdirSync(join(directory, "tree"));
    await options.prepare?.(directory);
    const port = options.port ?? (await freePort());
    const password = options.login ? randomBytes(9).toString("base64url") : "";
    const child = spawn(ENTER, [userland, stage, directory, String(port)], {
        stdio: ["pipe", "ignore", "pipe"],
        env: { ...process.env, LOGIN_PASSWORD: password },
    });
    let complaints = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    const host = new TestHost(child, directory, `http://127.0.0.1:${port}`, password);
    try {
        await host.answers();
    } catch (error) {
        await host.stop();
        throw new Error(`The host with Cockpit did not start: ${(error as Error).message}\n${complaints}`, {
            cause: error,
        });
    }
    return host;
}

class TestHost implements Host {
    private sim: RemoteSim | undefined;
    private readonly gone: Promise<unknown>;
    private readonly endWithUs = () => this.child.kill("SIGKILL");

    constructor(
        private readonly child: ChildProcess,
        readonly directory: string,
        readonly url: string,
        readonly password: string,
    ) {
        this.gone = once(child, "exit");
        process.once("exit", this.endWithUs);
    }

    /** Waits until Cockpit answers. */
    async answers(): Promise<void> {
        const deadline = performance.now() + 60_000;
        for (;;) {
            if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error("it ended at once");
            try {
                if ((await fetch(`${this.url}/ping`)).ok) return;
            } catch (error) {
                if (performance.now() > deadline) throw error;
            }
            const log = join(this.directory, "ws.log");
            if (existsSync(log) && /Couldn't|Address already in use|error/i.test(readFileSync(log, "utf8"))) {
                throw new Error(readFileSync(log, "utf8"));
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }

    async run(command: readonly string[]): Promise<string> {
        const { pid } = this.child;
        const first = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0] ?? "";
        const user = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
        const environment = ["HOME=/root", "LANG=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"];
        const { stdout } = await execute(
            "nsenter",
            ["--target", first, ...user, "--mount", "--pid", "--root", "--wd=/", "--"].concat(
                ["/usr/bin/env", "-i"],
                environment,
                command,
            ),
            { timeout: 60_000, maxBuffer: 1 << 26 },
        );
        return stdout;
    }

    async kernel(call: string, ...args: unknown[]): Promise<unknown> {
        await this.startService();
        this.sim ??= await RemoteSim.open(join(this.directory, "control"));
        return this.sim.call(call, ...args);
    }

    async startService(): Promise<void> {
        if (this.sim !== undefined) return;
        const bus = ["org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"];
        await this.run(["busctl", "call", ...bus, "StartServiceByName", "su", "org.rapiddisk.Manager", "0"]);
    }

    async stopService(signal: "TERM" | "KILL" | "STOP" | "CONT" = "TERM"): Promise<void> {
        this.sim?.close();
        this.sim = undefined;
        await this.run(["pkill", `-${signal}`, "-f", PROCESS]);
        if (signal === "STOP" || signal === "CONT") return;
        const list = ["busctl", "--list", "--acquired", "--no-legend"];
        // As long as the process is there it has its lock, and the next service is refused, also when its name is free already.
        while ((await this.lives()) || /^org\.rapiddisk\.Manager /m.test(await this.run(list))) {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }

    /** Whether a process of the service is there. */
    private lives(): Promise<boolean> {
        return this.run(["pgrep", "-f", PROCESS]).then(
            () => true,
            () => false,
        );
    }

    allowService(allowed: boolean): void {
        const refuse = join(this.directory, "refuse");
        if (allowed) rmSync(refuse, { force: true });
        else writeFileSync(refuse, "");
    }

    serviceLog(): string {
        const file = join(this.directory, "service.log");
        return existsSync(file) ? readFileSync(file, "utf8") : "";
    }

    async stop(): Promise<void> {
        this.sim?.close();
        process.off("exit", this.endWithUs);
        this.child.stdin?.destroy();
        this.child.kill("SIGKILL");
        if (this.child.exitCode === null && this.child.signalCode === null) await this.gone;
        rmSync(this.directory, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
    }
}
