// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { DEFAULT_MODE, MODES, modeOfWord, NEW_MODES } from "../../../../service/src/facts/modes.js";
import { Button } from "@patternfly/react-core";
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { byText, bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { readPolledState, usePolledState } from "../../state/polledstate.js";
import { store } from "../../state/store.js";
import { useStore } from "../../state/use.js";
import { CheckField, RadioField, SelectField, type Choice } from "../base/choice.js";
import { Failure } from "../base/failure.js";
import { FormDialog } from "../base/form.js";
import { useDialog } from "../host.js";
import { CreateVolume } from "../volume/create.js";
import { modeChoices } from "./modes.js";
import { sources, useDevices } from "./resources.js";
import { useLoss, useVolumeChoice, volumeExcuse, volumeLabel } from "./volumes.js";
import { WriteBackWarning } from "./writeback.js";

const usable = (choices: readonly Choice[]): string => choices.find((one) => !one.excuse)?.value ?? "";

/** Puts a volume as a cache in front of a slower device. @param preset name of the volume to begin with */
export function CreateCache({ preset = "", close }: { preset?: string; close: () => void }) {
    const volumes = useStore((state) => state.volumes);
    const features = useStore((state) => state.manager?.Features) ?? [];
    const devices = useDevices();
    const show = useDialog();
    const [chosenSource, setSource] = useState("");
    const [mode, setMode] = useState(NEW_MODES.find((one) => features.includes(`cache-${one}`)) ?? DEFAULT_MODE);
    const [volume, setVolume] = useVolumeChoice(preset, mode);
    const [accepted, setAccepted] = useState(false);
    const loss = useLoss();
    const [persist, setPersist] = useState(false);

    const volumeChoices = [...volumes.values()]
        .sort((a, b) => byText(a.Name, b.Name))
        .map((one) => ({
            value: one.Name,
            label: volumeLabel(one),
            excuse: volumeExcuse(one, mode),
        }));
    const sourceChoices = sources(devices.list ?? []);
    const source = chosenSource;
    const volumeChoice = volumeChoices.find((one) => one.value === volume);
    const held = [...volumes.values()].find((one) => one.Name === volume);
    const lost = held?.Used ?? 0;
    usePolledState();
    const none = usable(volumeChoices) === "";
    const name = `rc-${MODES[mode].letters}_${source.slice(source.lastIndexOf("/") + 1)}`;

    const problems = {
        volume:
            volume !== ""
                ? (volumeChoice?.excuse ?? _("This volume is no longer there. Choose another one."))
                : none
                  ? _("There is no volume that is free. Create one first.")
                  : _("Choose the volume. What it holds is lost."),
        lost: lost > 0 && !loss.accepts(volume, lost) ? _("Confirm that what the volume holds is lost.") : "",
        source:
            source !== ""
                ? (sourceChoices.find((one) => one.value === source)?.excuse ?? "")
                : usable(sourceChoices) === ""
                  ? _("There is no device that a cache can be put in front of.")
                  : _("Choose the device whose data is to be cached."),
        accepted: mode === "writeback" && !accepted ? _("Confirm that losing the newest writes is acceptable.") : "",
    };
    const complete = volume !== "" && source !== "";
    const changes = complete
        ? [
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
              persist && held && !held.Persistent
                  ? format(
                        _("$0 is saved with it, and made again, empty, at each boot for as long as the cache is."),
                        volume,
                    )
                  : "",
          ].filter(Boolean)
        : [];
    return (
        <FormDialog
            id="create-cache"
            title={_("Create a cache")}
            action={lost > 0 ? _("Create, and lose the data") : _("Create")}
            danger={lost > 0}
            changes={changes}
            command={
                complete
                    ? [
                          ...["rapiddisk", "cache", "create", volume, source, "--mode", mode],
                          ...(persist ? ["--persist"] : []),
                      ]
                    : null
            }
            problems={Object.values(problems)}
            close={close}
            run={async () => {
                // Something may have been written to it since it was looked at last.
                await readPolledState();
                const used = [...store.state.volumes.values()].find((one) => one.Name === volume)?.Used ?? 0;
                if (used > 0 && !loss.accepts(volume, used)) return "ask";
                return call(
                    ROOT,
                    SERVICE,
                    "CreateCache",
                    volume,
                    source,
                    mode,
                    options({ persist: persist ? ["b", true] : undefined }),
                );
            }}
        >
            <Failure failure={devices.failure} />
            <SelectField
                id="volume"
                label={_("Volume that holds the cached blocks")}
                value={volume}
                choices={[{ value: "", label: none ? _("No volume is free") : _("Choose a volume") }, ...volumeChoices]}
                onChange={setVolume}
                problem={problems.volume}
            />
            {lost > 0 && (
                <CheckField
                    id="lost"
                    label={format(_("What $0 holds ($1) may be lost"), volume, bytes(lost))}
                    value={loss.accepts(volume, lost)}
                    onChange={(yes) => loss.accept(volume, yes ? lost : 0)}
                    problem={problems.lost}
                />
            )}
            {none && (
                <p data-test="no-volume">
                    {_("A cache needs a volume that nothing uses.")}{" "}
                    <Button variant="link" isInline onClick={() => show(CreateVolume)} data-test="create-volume-first">
                        {_("Create a volume first")}
                    </Button>
                </p>
            )}
            <SelectField
                id="source"
                label={_("Device to be cached")}
                value={source}
                choices={[
                    {
                        value: "",
                        label: devices.list === null ? _("Looking for devices") : _("Choose a device"),
                    },
                    ...sourceChoices,
                ]}
                onChange={setSource}
                problem={devices.list === null ? "" : problems.source}
                help={_("Devices that are in use or cannot be written to are listed with the reason.")}
            />
            <RadioField
                id="mode"
                label={_("Mode")}
                value={mode}
                choices={modeChoices(NEW_MODES, features)}
                onChange={(word) => setMode(modeOfWord(word) ?? mode)}
            />
            {mode === "writeback" && (
                <WriteBackWarning
                    source={source}
                    accepted={accepted}
                    setAccepted={setAccepted}
                    problem={problems.accepted}
                />
            )}
            <CheckField id="persist" label={_("Make it again at each boot")} value={persist} onChange={setPersist} />
        </FormDialog>
    );
}
