// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { isLocal } from "../../lib/netaddress.js";
import { lines } from "../../lib/lines.js";
import type { Port } from "../../state/objects.js";
import { useStore } from "../../state/use.js";
import type { Choice } from "../base/choice.js";
import { useFields } from "../base/fields.js";
import { portWords } from "../port/words.js";
import { deviceChoices } from "./devices.js";
import type { Who } from "./hosts.js";
import { changesOf, commandOf, problemsOf, type ExportPlan, type ExportProblems } from "./plan.js";

/** What the fields say. */
interface ExportFields {
    readonly device: string;
    /** Keys of ports: a port counts with its address, so what somebody else makes meanwhile is not chosen by itself. */
    readonly ports: readonly string[];
    readonly who: Who;
    readonly hosts: string;
    readonly noKey: boolean;
    readonly nqn: string;
    readonly serial: string;
    readonly model: string;
    readonly persist: boolean;
}

/** An export before it is made: what the fields say, and what follows from it. */
export interface ExportDraft {
    readonly fields: ExportFields;
    readonly set: (change: Partial<ExportFields>) => void;
    /** Chooses ports. @param ids their numbers */
    readonly setPorts: (ids: readonly string[]) => void;
    readonly plan: ExportPlan;
    readonly devices: readonly Choice[];
    readonly ports: readonly Port[];
    /** Whether this host can ask hosts for keys. */
    readonly able: boolean;
    readonly problems: ExportProblems;
    readonly changes: readonly string[];
    readonly command: readonly string[] | null;
}

/** What a choice of a port means: its number, and where it listens. */
const portKey = (port: Port): string => `${port.Id} ${portWords(port)}`;

/** Keeps the fields for a new export, and works out what follows from them. @param preset name of the device to begin with */
export function useExportDraft(preset: string): ExportDraft {
    const volumes = useStore((state) => state.volumes);
    const caches = useStore((state) => state.caches);
    const portMap = useStore((state) => state.ports);
    const able = useStore((state) => state.manager?.Features.includes("nvme-auth") ?? false);
    const ports = [...portMap.values()].sort((a, b) => a.Id - b.Id);
    const [fields, set] = useFields<ExportFields>(() => ({
        device: preset,
        ports: ports.map(portKey),
        who: "named",
        hosts: "",
        noKey: false,
        nqn: "",
        serial: "",
        model: "",
        persist: false,
    }));
    const devices = deviceChoices(volumes, caches);
    const wanted = ports.filter((port) => fields.ports.includes(portKey(port)));
    const plan: ExportPlan = {
        ...fields,
        ports: wanted,
        hosts: lines(fields.hosts),
        nqn: fields.nqn.trim(),
        serial: fields.serial.trim(),
        model: fields.model.trim(),
        keyed: able && !fields.noKey,
        local: wanted.every((port) => isLocal(port.Transport)),
        saved: [...volumes.values(), ...caches.values()].find((one) => one.Name === fields.device)?.Persistent,
    };
    const problems = problemsOf(plan, devices);
    const right = Object.values(problems).every((problem) => problem === "");
    return {
        fields,
        set,
        setPorts: (ids) => set({ ports: ports.filter((port) => ids.includes(String(port.Id))).map(portKey) }),
        plan,
        devices,
        ports,
        able,
        problems,
        changes: right ? changesOf(plan) : [],
        command: right ? commandOf(plan) : null,
    };
}
