// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { setTimeout as sleep } from "node:timers/promises";
import type { Command, Input, Outcome, PlanReader } from "./commands/command.js";
import { busctlLine, followUpLine } from "./explain.js";
import { EXIT, explainFailure } from "./failure.js";
import { helpText } from "./help.js";
import type { BusRequest } from "../client/index.js";
import { type Plain, renderJson } from "../client/json.js";
import type { OutputStyle } from "./output/table.js";
import { parseCommandLine } from "./parse.js";
import { Session } from "./session.js";
import type { Environment } from "./environment.js";

/**
 * Runs a command line in words.
 * @param line without the program name
 * @returns exit status, see {@link EXIT}
 */
export async function runCommandLine(line: readonly string[], environment: Environment): Promise<number> {
    let json = line.includes("--json");
    try {
        const asked = parseCommandLine(line);
        switch (asked.kind) {
            case "version":
                environment.out(`rapiddisk ${environment.version}\n`);
                return EXIT.done;
            case "help":
                environment.out(helpText(asked.about, environment.version));
                return EXIT.done;
            case "command": {
                json = asked.json;
                const session = new Session(
                    { uid: environment.uid, terminal: environment.stdinIsTerminal, ask: asked.ask },
                    environment.connect,
                );
                try {
                    if (asked.explain) {
                        await explain(asked.command, asked.input, session, environment);
                    } else {
                        return await perform(asked.command, asked.input, session, json, environment);
                    }
                } finally {
                    await session.close();
                }
                return EXIT.done;
            }
        }
    } catch (error) {
        const { status, name, message } = explainFailure(error);
        environment.err(json ? `${renderJson({ error: { name, message } })}\n` : `rapiddisk: ${message}\n`);
        return status;
    }
}

/** Prints every call that the command makes; only those are sent without which the others cannot be told, and they only read. */
async function explain(command: Command, input: Input, session: Session, environment: Environment): Promise<void> {
    const sent: BusRequest[] = [];
    const reader: PlanReader = {
        read(request) {
            sent.push(request);
            return session.read(request);
        },
    };
    const { beforehand = [], requests, followUps = [] } = await command.plan(input, reader);
    const calls = [...sent, ...beforehand, ...requests].map(busctlLine);
    environment.out([...calls, ...followUps.map(followUpLine)].map((line) => `${line}\n`).join(""));
}

/** @returns exit status */
async function perform(
    command: Command,
    input: Input,
    session: Session,
    json: boolean,
    environment: Environment,
): Promise<number> {
    const once = async (): Promise<Outcome> => {
        const plan = await command.plan(input, session);
        if (!json) {
            (plan.advice ?? []).forEach((sentence) => environment.err(`rapiddisk: note: ${sentence}\n`));
        }
        await plan.prepare?.();
        return await plan.outcome(await session.sendAll(plan.requests, plan), session);
    };
    const repeat = command.repeat?.(input);
    if (!repeat) {
        const outcome = await once();
        environment.out(json ? `${renderJson(await valueOf(outcome))}\n` : outcome.text(styleOf(environment)));
        return outcome.failed === true ? EXIT.failed : EXIT.done;
    }
    let before: { value: Plain; at: number } | undefined;
    for (let turn = 1; turn <= repeat.times; turn++) {
        const outcome = await once();
        const [value, now] = [await valueOf(outcome), environment.now()];
        if (json) {
            environment.out(`${renderJson(value, 0)}\n`);
        } else {
            const since = before && { value: before.value, seconds: (now - before.at) / 1000 };
            const text = outcome.text(styleOf(environment), since);
            environment.out(
                environment.columns === undefined ? `${turn > 1 ? "\n" : ""}${text}` : `\u001b[H\u001b[2J${text}`,
            );
        }
        before = { value, at: now };
        if (turn < repeat.times) {
            await sleep(repeat.seconds * 1000);
        }
    }
    return EXIT.done;
}

async function valueOf({ value }: Outcome): Promise<Plain> {
    return typeof value === "function" ? await value() : value;
}

function styleOf(environment: Environment): OutputStyle {
    return environment.columns === undefined
        ? { color: false }
        : { width: environment.columns, color: environment.color };
}
