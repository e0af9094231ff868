// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import { generateKey } from "../../lib/hostkey.js";
import { useStore } from "../../state/use.js";
import { CheckField, RadioField, SelectField, type Choice } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { useFields } from "../base/fields.js";
import { keyWords } from "./words.js";

/** How a host gets its key. */
export type How = "none" | "make" | "paste";

const HASHES = ["sha256", "sha384", "sha512"];
const GROUPS = ["null", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"];

/** Keys that were made here, to be shown once. */
export interface Made {
    readonly key: string;
    /** What this side proves in turn; empty when it proves nothing. */
    readonly controller: string;
}

type KeyOption = "key" | "controller-key" | "hash" | "dhgroup";
type KeyOptions = Readonly<Partial<Record<KeyOption, readonly ["s", string] | undefined>>>;

/** A choice of keys with what follows from it. */
export interface KeyChoice {
    readonly how: How;
    readonly problem: string;
    /** Options for AllowHost and SetHostKeys, and what of it was made now. Makes new keys each time. */
    take(): { values: KeyOptions; made: Made | null };
    /** Words of the command that choose the same; a key is never one of them. */
    readonly words: readonly string[];
    readonly set: (change: Partial<Chosen>) => void;
    readonly chosen: Chosen;
}

interface Chosen {
    how: How;
    pasted: string;
    mutual: boolean;
    hash: string;
    group: string;
}

/** The state of a choice of keys. @param first how to begin */
export function useKeyChoice(first: How): KeyChoice {
    const [chosen, set] = useFields<Chosen>({
        how: first,
        pasted: "",
        mutual: false,
        hash: "sha256",
        group: "null",
    });
    const { how, pasted, mutual, hash, group } = chosen;
    return {
        chosen,
        set,
        how,
        problem: how === "paste" ? keyWords(pasted.trim()) : "",
        take() {
            if (how === "none") return { values: {}, made: null };
            const key = how === "make" ? generateKey() : pasted.trim();
            const controller = mutual ? generateKey() : "";
            const values = {
                key: ["s", key] as const,
                "controller-key": controller === "" ? undefined : (["s", controller] as const),
                hash: ["s", hash] as const,
                dhgroup: ["s", group] as const,
            };
            const shown = { key: how === "make" ? key : "", controller };
            return { values, made: shown.key || shown.controller ? shown : null };
        },
        words:
            how === "none"
                ? []
                : [
                      ...(how === "make" ? ["--generate-key"] : ["--key-file", "-"]),
                      ...(mutual ? ["--mutual"] : []),
                      ...(hash === "sha256" ? [] : ["--hash", hash]),
                      ...(group === "null" ? [] : ["--dhgroup", group]),
                  ],
    };
}

/** Fields for the key of a host. @param choices what is offered, of how it gets one */
export function KeyFields({ keys, choices }: { keys: KeyChoice; choices: readonly Choice[] }) {
    const able = useStore((state) => state.manager?.Features.includes("nvme-auth") ?? false);
    const excuse = able ? "" : _("The NVMe target of this host's kernel knows no keys, or is not loaded.");
    const { how, pasted, mutual, hash, group } = keys.chosen;
    return (
        <>
            <RadioField
                id="how"
                label={_("Key that the host must prove")}
                value={how}
                choices={choices.map((one) => (one.value === "none" ? one : { ...one, excuse }))}
                onChange={(next) => keys.set({ how: next as How })}
            />
            {how === "paste" && (
                <TextField
                    id="key"
                    label={_("Key")}
                    help={_("As nvme gen-dhchap-key prints it. It is a secret.")}
                    required
                    secret
                    value={pasted}
                    onChange={(next) => keys.set({ pasted: next })}
                    problem={keys.problem}
                />
            )}
            {how !== "none" && (
                <>
                    <CheckField
                        id="mutual"
                        label={_("This host must prove a key as well")}
                        help={_("A second key is made, which the host then demands.")}
                        value={mutual}
                        onChange={(next) => keys.set({ mutual: next })}
                    />
                    <SelectField
                        id="hash"
                        label={_("Hash")}
                        value={hash}
                        choices={HASHES.map((value) => ({ value, label: value }))}
                        onChange={(next) => keys.set({ hash: next })}
                    />
                    <SelectField
                        id="group"
                        label={_("Diffie-Hellman group")}
                        value={group}
                        choices={GROUPS.map((value) => ({ value, label: value === "null" ? _("none") : value }))}
                        onChange={(next) => keys.set({ group: next })}
                    />
                </>
            )}
        </>
    );
}
