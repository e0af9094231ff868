// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Export } from "../../state/objects.js";
import { useCurrent, useStore } from "../../state/use.js";
import type { Choice } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { useFollowed } from "../base/follow.js";
import { FormDialog } from "../base/form.js";
import { Connected } from "./connected.js";
import { KeyFields, useKeyChoice, type KeyChoice, type Made } from "./keychoice.js";
import { KeyShown } from "./keyshown.js";
import { nqnWords } from "./words.js";

/** What the fields ask for. */
interface AllowPlan {
    readonly host: string;
    readonly now: Export;
    readonly keys: KeyChoice;
    /** Whether the host keeps the key that it has from another export. */
    readonly keeps: boolean;
}

/** Lets a host connect to an export, with a key or without. */
export function AllowHost({ one, close }: { one: Export; close: () => void }) {
    const now = useCurrent("exports", one);
    const field = useFollowed("", () => String(now.AllowAnyHost));
    const typed = field.value;
    const [made, setMade] = useState<Made | null>(null);
    const able = useStore((state) => state.manager?.Features.includes("nvme-auth") ?? false);
    const keys = useKeyChoice(able ? "make" : "none");
    const host = typed.trim();
    const exports = useStore((state) => state.exports);
    // A host has one key, on every export: one that has it keeps it.
    const has = [...exports.values()].some((other) => other.AuthenticatedHosts.includes(host));
    const keeps = has && keys.how !== "paste";
    const wrong =
        nqnWords(host, "host") || (now.AllowedHosts.includes(host) ? _("This host may connect already.") : "");
    const plan = { host, now, keys, keeps };
    if (made) return <KeyShown host={host} made={made} close={close} />;
    return (
        <FormDialog
            id="allow-host"
            title={_("Allow a host")}
            action={_("Allow")}
            subject={one.path}
            changes={wrong ? [] : changesOf(plan)}
            command={wrong ? null : commandOf(plan)}
            problems={[wrong, keys.problem]}
            moved={
                field.moved && now.AllowAnyHost
                    ? { keep: field.keep, text: _("Any host may connect now. To allow this one would end that.") }
                    : null
            }
            close={close}
            run={async () => {
                const fresh = await allow(one.path, plan);
                if (fresh === null) return undefined;
                setMade(fresh);
                return "stay";
            }}
        >
            <TextField
                id="host"
                label={_("NQN of the host")}
                help={_("A host has its own in /etc/nvme/hostnqn.")}
                placeholder="nqn.2014-08.org.nvmexpress:uuid:…"
                required
                value={typed}
                onChange={field.set}
                problem={wrong}
            />
            <KeyFields keys={keys} choices={keyChoices()} />
            {now.AllowAnyHost && <Connected path={one.path} />}
        </FormDialog>
    );
}

function keyChoices(): Choice[] {
    return [
        { value: "make", label: _("Make one now"), help: _("It is shown once, to be given to the host.") },
        { value: "paste", label: _("Use one that is there") },
        {
            value: "none",
            label: _("None"),
            help: _("Any machine that presents the NQN of the host and reaches a port can connect."),
        },
    ];
}

function changesOf({ host, now, keys, keeps }: AllowPlan): string[] {
    const key =
        keys.how === "none"
            ? _("An NQN does not authenticate a host: anyone who knows this NQN and reaches a port can connect.")
            : _("It must prove the key. The key counts on every export of this machine that allows this host.");
    return [
        format(_("$0 can connect to $1, and read and write it."), host, now.Nqn),
        now.AllowAnyHost ? _("Any host may connect now: that ends, and all hosts but this one are disconnected.") : "",
        keeps ? _("It must prove the key that it has already, from another export.") : key,
    ].filter(Boolean);
}

function commandOf({ host, now, keys, keeps }: AllowPlan): string[] {
    const keyWords = keys.how === "none" ? ["--no-key"] : keys.words;
    return ["rapiddisk", "export", "allow", now.Nqn, host, ...(keeps ? [] : keyWords)];
}

/** Allows the host. @returns keys that were made for it, to be shown once */
async function allow(path: string, { host, keys, keeps }: AllowPlan): Promise<Made | null> {
    const noKey = { "no-key": ["b", true] as const };
    const { values, made } = keeps ? { values: {}, made: null } : keys.take();
    const chosen = !keeps && keys.how === "none" ? noKey : values;
    await call(path, kinds.exports, "AllowHost", host, options(chosen));
    return made;
}
