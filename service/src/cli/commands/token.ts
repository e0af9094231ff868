// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import { options, optionsFor, request } from "../../client/index.js";
import { renderTable } from "../output/table.js";
import { printable } from "../output/text.js";
import { UsageError } from "../units.js";
import type { Command } from "./command.js";
import { forEach, IF_EXISTS, single } from "./command.js";
import { jsonObject } from "./views.js";

const DAY = 86_400;
const LONGEST_DAYS = 3650;

/** A token in a list; times in seconds since 1970. */
interface ListedToken {
    id: string;
    name: string;
    scope: string;
    created: bigint;
    expires: bigint;
}

function readDays(text: string): number {
    if (!/^[0-9]{1,4}$/.test(text) || Number(text) < 1 || Number(text) > LONGEST_DAYS) {
        throw new UsageError(`--days takes a whole number from 1 to ${LONGEST_DAYS}, not "${text}".`);
    }
    return Number(text) * DAY;
}

function day(seconds: bigint): string {
    return new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace("T", " ");
}

/** Commands about the tokens by which programs identify themselves to the HTTP bridge. */
export const TOKEN_COMMANDS: readonly Command[] = [
    {
        words: ["token", "create"],
        summary: "Create a token for a program that uses the HTTP bridge.",
        details:
            "The token is printed this once and kept nowhere: hand it to the program by a file that only it can read. The " +
            "program sends it as Authorization: Bearer TOKEN.",
        operands: [{ name: "NAME", doc: "Who or what will use it; shown in lists and in the journal." }],
        options: {
            scope: {
                value: "SCOPE",
                doc: "read (the default), operate (also change volumes and caches) or admin (everything).",
                completes: ["read", "operate", "admin"],
            },
            days: { value: "N", doc: "Days until it expires, 1 to 3650; 90 when not given." },
        },
        examples: ["rapiddisk token create backup-script --scope operate --days 365"],
        plan({ operands, options: given }) {
            const lifetime = given.days === undefined ? undefined : readDays(given.days);
            const chosen = optionsFor("Tokens.CreateToken", { lifetime });
            const scope = given.scope ?? "read";
            const call = request(INTERFACE.tokens, ROOT, "CreateToken", operands[0]!, scope, chosen);
            return single(call, ([id, token]) => ({ value: { id, token }, text: () => `${token}\n` }));
        },
    },
    {
        words: ["token", "list"],
        summary: "List the tokens of the HTTP bridge.",
        operands: [],
        options: {},
        plan: () =>
            single(request(INTERFACE.tokens, ROOT, "ListTokens", options()), (answer) => {
                const tokens = answer.map(
                    (row) =>
                        Object.fromEntries([...row].map(([key, { value }]) => [key, value])) as unknown as ListedToken,
                );
                return {
                    value: tokens.map(jsonObject),
                    text: (style) =>
                        tokens.length === 0
                            ? "No tokens.\n"
                            : renderTable(
                                  [
                                      { title: "TOKEN" },
                                      { title: "SCOPE" },
                                      { title: "CREATED (UTC)" },
                                      { title: "EXPIRES (UTC)" },
                                      { title: "NAME", flexible: true },
                                  ],
                                  tokens.map(({ id, name, scope, created, expires }) => [
                                      id,
                                      scope,
                                      day(created),
                                      day(expires),
                                      name,
                                  ]),
                                  style,
                              ),
                };
            }),
    },
    {
        words: ["token", "revoke"],
        summary: "Make tokens of the HTTP bridge invalid at once.",
        operands: [{ name: "TOKEN", doc: "Its id, as listed.", many: true }],
        options: { "if-exists": IF_EXISTS },
        plan: ({ operands, options: given }) =>
            forEach(
                operands.map(printable),
                operands.map((id) => request(INTERFACE.tokens, ROOT, "RevokeToken", id, options())),
                (id) => `Revoked ${id}.`,
                given["if-exists"],
            ),
    },
];
