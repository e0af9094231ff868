// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { listed } from "../../lib/bidi.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Port } from "../../state/objects.js";
import type { Choice } from "../base/choice.js";
import { portWords } from "../port/words.js";
import type { Who } from "./hosts.js";
import { nqnWords, plainWords } from "./words.js";

/** The export that the fields of the dialog ask for. */
export interface ExportPlan {
    /** Name of the volume or cache; empty while none is chosen. */
    readonly device: string;
    readonly ports: readonly Port[];
    readonly who: Who;
    /** NQNs of the hosts that are named. */
    readonly hosts: readonly string[];
    readonly noKey: boolean;
    /** Whether hosts that are named get keys. */
    readonly keyed: boolean;
    readonly nqn: string;
    readonly serial: string;
    readonly model: string;
    readonly persist: boolean;
    /** Whether only this very host reaches the ports. */
    readonly local: boolean;
    /** Whether the device is saved; undefined while none is chosen. */
    readonly saved: boolean | undefined;
}

/** What is wrong with each field; empty texts for those that are right. */
export type ExportProblems = Readonly<Record<"device" | "hosts" | "nqn" | "serial" | "model", string>>;

/** Finds what keeps an export from being made. @param devices what there is to choose from */
export function problemsOf(
    { device, who, hosts, nqn, serial, model }: ExportPlan,
    devices: readonly Choice[],
): ExportProblems {
    const chooseDevice = devices.every((one) => Boolean(one.excuse))
        ? _("There is no volume or cache that is free. Create one first.")
        : _("Choose what is to be exported.");
    const wrongHosts =
        hosts.length === 0
            ? _("Name at least one host, or choose who may connect otherwise.")
            : (hosts.map((host) => nqnWords(host, "host")).find((problem) => problem !== "") ?? "");
    return {
        device: device === "" ? chooseDevice : (devices.find((one) => one.value === device)?.excuse ?? ""),
        hosts: who === "named" ? wrongHosts : "",
        nqn: nqn === "" ? "" : nqnWords(nqn, "export"),
        serial: plainWords(serial, 20),
        model: plainWords(model, 40),
    };
}

/** Says what will happen, a sentence each. */
export function changesOf({ device, ports, persist, saved, ...access }: ExportPlan): string[] {
    const through = listed(ports.map((port) => format(_("port $0 ($1)"), port.Id, portWords(port))));
    return [
        ports.length > 0
            ? format(_("$0 is exported through $1. Nothing else may use it from then on."), device, through)
            : format(_("$0 is made ready to be exported; no host reaches it before it is put on a port."), device),
        ...accessChanges(access),
        persist ? _("It is restored at each boot, with its ports, once the network is up.") : "",
        persist && saved === false
            ? format(_("$0 is not saved: save it as well, or the export cannot be restored at boot."), device)
            : "",
    ].filter(Boolean);
}

/** Says who can connect, and how that is made sure. */
function accessChanges({ who, hosts, keyed, local }: Pick<ExportPlan, "who" | "hosts" | "keyed" | "local">): string[] {
    if (who === "any") return [_("Any host that reaches a port can read and write it.")];
    if (who === "nobody") return [_("Nobody can connect until a host is allowed.")];
    const named = format(_("Only these hosts can read and write it: $0."), listed(hosts));
    if (local) return [named];
    return [
        named,
        keyed
            ? _("Each of them that has no key yet gets one, which is shown once, and must prove it.")
            : _(
                  "An NQN does not authenticate a host: anyone who knows one of these NQNs and reaches a port can connect.",
              ),
    ];
}

const ACCESS_WORD = { any: "--allow-any-host", nobody: "--closed" };

/** Words of the command that does the same. */
export function commandOf({ device, ports, who, hosts, noKey, nqn, serial, model, persist }: ExportPlan): string[] {
    const word = (option: string, value: string) => (value === "" ? [] : [option, value]);
    return [
        ...["rapiddisk", "export", "create", device],
        ...word("--port", ports.map((port) => port.Id).join(",")),
        ...(who === "named" ? ["--host", hosts.join(","), ...(noKey ? ["--no-key"] : [])] : [ACCESS_WORD[who]]),
        ...word("--nqn", nqn),
        ...word("--serial", serial),
        ...word("--model", model),
        ...(persist ? ["--persist"] : []),
    ];
}

/** Makes the export. @returns keys that the service made for its hosts, by their names; null when it made none */
export async function createExport(plan: ExportPlan): Promise<Readonly<Record<string, string>> | null> {
    const { device, ports, who, hosts, noKey, keyed, local } = plan;
    const named = who === "named";
    const text = (value: string): ["s", string] | undefined => (value === "" ? undefined : ["s", value]);
    const path = await call(
        ROOT,
        SERVICE,
        "CreateExport",
        device,
        options({
            ports: ["as", ports.map((port) => String(port.Id))],
            hosts: named ? ["as", hosts] : undefined,
            "allow-any-host": named ? undefined : ["b", who === "any"],
            "no-key": named && noKey ? ["b", true] : undefined,
            nqn: text(plan.nqn),
            serial: text(plan.serial),
            model: text(plan.model),
            persist: plan.persist ? ["b", true] : undefined,
        }),
    );
    if (!named || !keyed || local) return null;
    const keys = await call(path, kinds.exports, "TakeHostKeys", hosts, options());
    return Object.keys(keys).length === 0 ? null : keys;
}
