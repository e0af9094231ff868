// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ROOT } from "../facts/busnames.js";
import { Variant, type BusService, type InterfaceImplementation } from "../bus/index.js";
import { tokensInterface } from "../generated/specs.js";
import { changing, type HandlerContext } from "./handlers.js";
import type { Token, TokenStore } from "./tokenstore.js";

/** Implements org.rapiddisk.Manager.Tokens on the root object. */
export function tokensObject(service: BusService, context: HandlerContext, store: TokenStore): InterfaceImplementation {
    let revision = 0n;
    const changed = (): void => {
        revision += 1n;
        service.setProperties(ROOT, tokensInterface.name, { Revision: revision });
    };
    return {
        spec: tokensInterface,
        properties: { Revision: revision },
        methods: {
            CreateToken: changing(
                context,
                "token-create",
                "Tokens.CreateToken",
                async ([name, scope], { lifetime }, authorize) => {
                    const wanted = [name as string, scope as string, lifetime] as const;
                    store.check(...wanted);
                    await authorize([{ action: "token-manage", details: { "object.name": wanted[0] } }]);
                    const { id, token } = await store.create(...wanted);
                    changed();
                    return { object: `token ${id}`, out: [id, token] };
                },
            ),
            ListTokens: changing(context, "token-list", "Tokens.ListTokens", async (_args, _options, authorize) => {
                await authorize([{ action: "token-manage", details: {} }]);
                return { object: "-", out: [(await store.list()).map((token) => row(token, "created"))] };
            }),
            RevokeToken: changing(context, "token-revoke", "Tokens.RevokeToken", async ([id], _options, authorize) => {
                await authorize([{ action: "token-manage", details: { "object.name": id as string } }]);
                await store.revoke(id as string);
                changed();
                return { object: `token ${id as string}` };
            }),
            GetTokenDigests: changing(
                context,
                "token-digests",
                "Tokens.GetTokenDigests",
                async (_args, _options, authorize) => {
                    await authorize([{ action: "token-verify", details: {} }]);
                    return { object: "-", out: [(await store.list()).map((token) => row(token, "digest"))] };
                },
            ),
        },
    };
}

function row(token: Token, and: "created" | "digest"): Map<string, Variant> {
    return new Map<string, Variant>([
        ["id", new Variant("s", token.id)],
        ["name", new Variant("s", token.name)],
        ["scope", new Variant("s", token.scope)],
        ["expires", new Variant("t", BigInt(token.expires))],
        and === "digest"
            ? ["digest", new Variant("s", token.digest)]
            : ["created", new Variant("t", BigInt(token.created))],
    ]);
}
