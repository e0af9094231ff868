// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { DEFAULT_MODE, MODES, NEW_MODES, type NewMode } from "../../../../service/src/facts/modes.js";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { byText, bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { readPolledState, usePolledState } from "../../state/polledstate.js";
import { store } from "../../state/store.js";
import { useStore } from "../../state/use.js";
import type { Choice } from "../base/choice.js";
import { useFields } from "../base/fields.js";
import { sources, useDevices, type Devices } from "./resources.js";
import { useLoss, useVolumeChoice, volumeExcuse, volumeLabel, type Loss } from "./volumes.js";

/** What the fields say, but for the volume. */
interface CacheFields {
    readonly source: string;
    readonly mode: NewMode;
    readonly accepted: boolean;
    readonly persist: boolean;
}

/** The cache that the fields ask for. */
interface CachePlan extends CacheFields {
    /** Name of the volume; empty while none is chosen. */
    readonly volume: string;
    /** Bytes that the volume holds, all of which are lost. */
    readonly lost: number;
    /** Whether the volume has to be saved for the cache's sake. */
    readonly saves: boolean;
    readonly loss: Loss;
}

/** What can be chosen. */
interface CacheChoices {
    readonly volumes: readonly Choice[];
    readonly sources: readonly Choice[];
}

/** A cache before it is made: what the fields say, and what follows from it. */
export interface CacheDraft {
    readonly plan: CachePlan;
    readonly set: (change: Partial<CacheFields>) => void;
    readonly setVolume: (name: string) => void;
    readonly choices: CacheChoices;
    readonly devices: Devices;
    /** Words for what the host can do now. */
    readonly features: readonly string[];
    /** Whether no volume is free. */
    readonly none: boolean;
    readonly problems: Readonly<Record<"volume" | "lost" | "source" | "accepted", string>>;
    readonly changes: readonly string[];
    readonly command: readonly string[] | null;
    /** @returns "ask" when the volume holds more by now than was agreed to lose */
    readonly create: () => Promise<unknown>;
}

/** Keeps the fields for a new cache, and works out what follows from them. @param preset name of the volume to begin with */
export function useCacheDraft(preset: string): CacheDraft {
    const all = useStore((state) => state.volumes);
    const features = useStore((state) => state.manager?.Features) ?? [];
    const devices = useDevices();
    const [fields, set] = useFields<CacheFields>({
        source: "",
        mode: NEW_MODES.find((one) => features.includes(`cache-${one}`)) ?? DEFAULT_MODE,
        accepted: false,
        persist: false,
    });
    const [volume, setVolume] = useVolumeChoice(preset, fields.mode);
    const loss = useLoss();
    usePolledState();

    const volumes = [...all.values()].sort((a, b) => byText(a.Name, b.Name));
    const held = volumes.find((one) => one.Name === volume);
    const plan: CachePlan = {
        ...fields,
        volume,
        loss,
        lost: held?.Used ?? 0,
        saves: fields.persist && held !== undefined && !held.Persistent,
    };
    const choices = {
        volumes: volumes.map((one) => ({
            value: one.Name,
            label: volumeLabel(one),
            excuse: volumeExcuse(one, fields.mode),
        })),
        sources: sources(devices.list ?? []),
    };
    const complete = volume !== "" && fields.source !== "";
    return {
        plan,
        set,
        setVolume,
        choices,
        devices,
        features,
        none: !usable(choices.volumes),
        problems: problemsOf(plan, choices),
        changes: complete ? changesOf(plan) : [],
        command: complete ? commandOf(plan) : null,
        create: () => create(plan),
    };
}

const usable = (choices: readonly Choice[]): boolean => choices.some((one) => !one.excuse);

function problemsOf(
    { volume, source, mode, lost, accepted, loss }: CachePlan,
    choices: CacheChoices,
): CacheDraft["problems"] {
    const excuse = (list: readonly Choice[], value: string) => list.find((one) => one.value === value)?.excuse;
    const chooseVolume = usable(choices.volumes)
        ? _("Choose the volume. What it holds is lost.")
        : _("There is no volume that is free. Create one first.");
    const chooseSource = usable(choices.sources)
        ? _("Choose the device whose data is to be cached.")
        : _("No device of this host can be cached.");
    return {
        volume:
            volume === ""
                ? chooseVolume
                : (excuse(choices.volumes, volume) ?? _("This volume is no longer there. Choose another one.")),
        lost: lost > 0 && !loss.accepts(volume, lost) ? _("Confirm that what the volume holds is lost.") : "",
        source: source === "" ? chooseSource : (excuse(choices.sources, source) ?? ""),
        accepted: mode === "writeback" && !accepted ? _("Confirm that losing the newest writes is acceptable.") : "",
    };
}

function changesOf({ volume, source, mode, lost, persist, saves }: CachePlan): string[] {
    const name = `rc-${MODES[mode].letters}_${source.slice(source.lastIndexOf("/") + 1)}`;
    return [
        format(_("The device /dev/mapper/$0 is made. Use it in place of $1 from then on."), name, source),
        lost > 0
            ? format(_("What $0 holds now ($1) is lost."), volume, bytes(lost))
            : format(_("$0 is taken for cached blocks."), volume),
        format(_("$0 keeps its data; while the cache is there it is not used directly."), source),
        persist
            ? _(
                  "It is restored at each boot, once the volume and the origin are there; a boot never fails for its sake.",
              )
            : "",
        saves
            ? format(_("$0 is saved with it, and made again, empty, at each boot for as long as the cache is."), volume)
            : "",
    ].filter(Boolean);
}

const commandOf = ({ volume, source, mode, persist }: CachePlan): string[] => [
    ...["rapiddisk", "cache", "create", volume, source, "--mode", mode],
    ...(persist ? ["--persist"] : []),
];

async function create({ volume, source, mode, persist, loss }: CachePlan): Promise<unknown> {
    // Something may have been written to it since it was looked at last.
    await readPolledState();
    const used = [...store.state.volumes.values()].find((one) => one.Name === volume)?.Used ?? 0;
    if (used > 0 && !loss.accepts(volume, used)) return "ask";
    const chosen = options({ persist: persist ? ["b", true] : undefined });
    return call(ROOT, SERVICE, "CreateCache", volume, source, mode, chosen);
}
