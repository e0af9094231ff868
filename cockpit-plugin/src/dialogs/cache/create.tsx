// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button } from "@patternfly/react-core";
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { byText, bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import type { Volume } from "../../state/objects.js";
import { useStore } from "../../state/use.js";
import { CheckField, RadioField, SelectField, type Choice } from "../base/choice.js";
import { Failure } from "../base/failure.js";
import { FormDialog } from "../base/form.js";
import { useDialog } from "../host.js";
import { CreateVolume } from "../volume/create.js";
import { modeChoices } from "./modes.js";
import { sources, useDevices } from "./resources.js";
import { WriteBackWarning } from "./writeback.js";

const MODES = ["write-through", "write-around", "writeback"];
const SHORT: Readonly<Record<string, string>> = { "write-through": "wt", "write-around": "wa", writeback: "wb" };
/** Smallest volumes that a cache fits in, in bytes. */
const SMALLEST = { writeback: 65536, other: 32768 };

function volumeExcuse(volume: Volume, mode: string): string {
    if (volume.Users.length > 0) return format(_("in use: $0"), volume.Users.join(", "));
    if (volume.ReadOnly) return _("locked");
    const least = mode === "writeback" ? SMALLEST.writeback : SMALLEST.other;
    return volume.Size < least ? format(_("too small, it needs $0"), bytes(least)) : "";
}

const usable = (choices: readonly Choice[]): string => choices.find((one) => !one.excuse)?.value ?? "";

/** Puts a volume as a cache in front of a slower device. @param preset name of the volume to begin with */
export function CreateCache({ preset = "", close }: { preset?: string; close: () => void }) {
    const volumes = useStore((state) => state.volumes);
    const features = useStore((state) => state.manager?.Features) ?? [];
    const devices = useDevices();
    const show = useDialog();
    const [chosenVolume, setVolume] = useState(preset);
    const [chosenSource, setSource] = useState("");
    const [mode, setMode] = useState(MODES.find((one) => features.includes(`cache-${one}`)) ?? "write-through");
    const [accepted, setAccepted] = useState(false);
    const [persist, setPersist] = useState(false);

    const volumeChoices = [...volumes.values()]
        .sort((a, b) => byText(a.Name, b.Name))
        .map((one) => ({
            value: one.Name,
            label: `${one.Name}, ${bytes(one.Size)}`,
            excuse: volumeExcuse(one, mode),
        }));
    const sourceChoices = sources(devices.list ?? []);
    const volume = chosenVolume || usable(volumeChoices);
    const source = chosenSource;
    const volumeChoice = volumeChoices.find((one) => one.value === volume);
    const held = [...volumes.values()].find((one) => one.Name === volume);
    const none = usable(volumeChoices) === "";
    const name = `rc-${SHORT[mode] ?? ""}_${source.slice(source.lastIndexOf("/") + 1)}`;

    const problems = {
        volume: volume === "" ? _("There is no volume that is free. Create one first.") : (volumeChoice?.excuse ?? ""),
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
              held && held.Used > 0
                  ? format(_("What $0 holds now ($1) is lost."), volume, bytes(held.Used))
                  : format(_("$0 is taken for cached blocks."), volume),
              format(_("$0 keeps its data; while the cache is there it is not used directly."), source),
              persist
                  ? _(
                        "It comes again at each boot, once the volume and the origin are there; a boot never fails for its sake.",
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
            action={_("Create")}
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
            run={() =>
                call(
                    ROOT,
                    SERVICE,
                    "CreateCache",
                    volume,
                    source,
                    mode,
                    options({ persist: persist ? ["b", true] : undefined }),
                )
            }
        >
            <Failure failure={devices.failure} />
            <SelectField
                id="volume"
                label={_("Volume that holds the cached blocks")}
                value={volume}
                choices={none ? [{ value: "", label: _("No volume is free") }, ...volumeChoices] : volumeChoices}
                onChange={setVolume}
                problem={problems.volume}
            />
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
                choices={modeChoices(MODES, features)}
                onChange={setMode}
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
