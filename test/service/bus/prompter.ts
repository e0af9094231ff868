// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * A caller of the guarded method of the test service, which is its own authentication agent and never types a password.
 * Usage: prompter.ts refused | asked | held | vanish | twice | many. Prints what happened, as JSON.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
    BusError,
    type BusClient,
    connectClient,
    connectService,
    type InterfaceSpec,
    Variant,
} from "../../../service/src/bus/index.js";
import { NAME, ROOT, testInterface } from "./interfaces.js";

const arg = (name: string, type: string) => ({ name, type, doc: name });

/** What polkit calls on an agent (polkit reference manual, "org.freedesktop.PolicyKit1.AuthenticationAgent"). */
const agentInterface: InterfaceSpec = {
    name: "org.freedesktop.PolicyKit1.AuthenticationAgent",
    doc: "Asks a person.",
    methods: {
        BeginAuthentication: {
            in: [
                arg("action_id", "s"),
                arg("message", "s"),
                arg("icon_name", "s"),
                arg("details", "a{ss}"),
                arg("cookie", "s"),
                arg("identities", "a(sa{sv})"),
            ],
            out: [],
            doc: "Ask.",
        },
        CancelAuthentication: { in: [arg("cookie", "s")], out: [], doc: "Stop asking." },
    },
    properties: {},
    signals: {},
};

const seen = { asked: 0, cancelled: 0, open: 0, most: 0 };
const dismiss: ((error: Error) => void)[] = [];

/** Registers this process as the agent for itself. */
async function registerAgent(): Promise<void> {
    const agent = await connectService({ root: "/agent", errorPrefix: "org.rapiddisk.Test.Error" });
    const begin = () =>
        new Promise<void>((_, reject) => {
            seen.asked += 1;
            seen.open += 1;
            seen.most = Math.max(seen.most, seen.open);
            dismiss.push(reject);
        }).finally(() => (seen.open -= 1));
    const cancel = () => {
        seen.cancelled += 1;
        dismiss.shift()?.(new BusError("org.freedesktop.PolicyKit1.Error.Cancelled", "Cancelled."));
    };
    agent.addObject("/agent", [
        { spec: agentInterface, properties: {}, methods: { BeginAuthentication: begin, CancelAuthentication: cancel } },
    ]);
    const started =
        readFileSync("/proc/self/stat", "utf8")
            .replace(/^.*\) /, "")
            .split(" ")[19] ?? "0";
    const subject = {
        pid: new Variant("u", process.pid),
        "start-time": new Variant("t", BigInt(started)),
        uid: new Variant("i", process.getuid?.() ?? 0),
    };
    const authority = {
        destination: "org.freedesktop.PolicyKit1",
        path: "/org/freedesktop/PolicyKit1/Authority",
        interface: "org.freedesktop.PolicyKit1.Authority",
        member: "RegisterAuthenticationAgent",
    };
    await agent.client.call(authority, "(sa{sv})ss", [["unix-process", subject], "C", "/agent"]);
}

/** Calls the guarded method; gives the answer or the name of the error. */
async function guarded(client: BusClient, interactive: boolean): Promise<unknown> {
    const target = { destination: NAME, path: ROOT, interface: testInterface.name, member: "Guarded" };
    try {
        return (await client.call(target, "a{sv}", [{}], { timeoutMs: 0, interactive }))[0];
    } catch (error) {
        return error instanceof BusError ? error.errorName : String(error);
    }
}

/** Waits until something is so; who started us limits the time. */
async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await sleep(10);
}

/** Lets a question more, should there be one, come before this returns: another check goes all the way to polkit and back. */
async function another(): Promise<void> {
    const client = await connectClient();
    await guarded(client, false);
    await client.close();
}

const modes: Record<string, () => Promise<unknown>> = {
    refused: async () => {
        const client = await connectClient();
        return [await guarded(client, false), await guarded(client, true)];
    },
    asked: async () => {
        await registerAgent();
        const answer = guarded(await connectClient(), true);
        await until(() => seen.open > 0);
        dismiss.shift()?.(new BusError("org.freedesktop.PolicyKit1.Error.Cancelled", "Dismissed."));
        return [seen.asked, await answer];
    },
    held: async () => {
        await registerAgent();
        const answer = guarded(await connectClient(), true);
        await until(() => seen.open > 0);
        console.error("asked");
        return [seen.asked, await answer];
    },
    vanish: async () => {
        await registerAgent();
        const client = await connectClient();
        void guarded(client, true);
        await until(() => seen.open > 0);
        await client.close();
        await until(() => seen.cancelled > 0);
        return seen;
    },
    twice: async () => {
        await registerAgent();
        const client = await connectClient();
        const answers = [guarded(client, true), guarded(client, true)];
        await until(() => seen.open > 0);
        await another();
        const { open } = seen;
        await client.close();
        await Promise.all(answers);
        await until(() => seen.open === 0);
        return { open, most: seen.most };
    },
    many: async () => {
        await registerAgent();
        const clients = await Promise.all(Array.from({ length: 20 }, () => connectClient()));
        const answers = clients.map((client) => guarded(client, true));
        await until(() => seen.open >= 8);
        const refused = await Promise.any(answers);
        await another();
        const { open } = seen;
        console.error("asked");
        await once(process.stdin.resume(), "end");
        await Promise.all(clients.map((client) => client.close()));
        await until(() => seen.open === 0);
        return { open, refused };
    },
};

async function main(): Promise<void> {
    const mode = modes[process.argv[2] ?? ""];
    if (mode === undefined) throw new Error(`no mode named ${process.argv[2]}`);
    const outcome = await mode();
    process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
}

void main();
