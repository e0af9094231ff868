// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { modeOfWord, NEW_MODES } from "../../../../service/src/facts/modes.js";
import { Button } from "@patternfly/react-core";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { CheckField, RadioField, SelectField } from "../base/choice.js";
import { Failure } from "../base/failure.js";
import { FormDialog } from "../base/form.js";
import { useDialog } from "../host.js";
import { CreateVolume } from "../volume/create.js";
import { useCacheDraft, type CacheDraft } from "./draft.js";
import { modeChoices } from "./modes.js";
import { WriteBackWarning } from "./writeback.js";

/** Puts a volume as a cache in front of a slower device. @param preset name of the volume to begin with */
export function CreateCache({ preset = "", close }: { preset?: string; close: () => void }) {
    const draft = useCacheDraft(preset);
    const { plan, set, problems } = draft;
    const { source, mode, accepted, persist } = plan;
    return (
        <FormDialog
            id="create-cache"
            title={_("Create a cache")}
            action={plan.lost > 0 ? _("Create, and lose the data") : _("Create")}
            danger={plan.lost > 0}
            changes={draft.changes}
            command={draft.command}
            problems={Object.values(problems)}
            close={close}
            run={draft.create}
        >
            <Failure failure={draft.devices.failure} />
            <VolumeField draft={draft} />
            <SourceField draft={draft} />
            <RadioField
                id="mode"
                label={_("Mode")}
                value={mode}
                choices={modeChoices(NEW_MODES, draft.features)}
                onChange={(word) => set({ mode: modeOfWord(word) ?? mode })}
            />
            {mode === "writeback" && (
                <WriteBackWarning
                    source={source}
                    accepted={accepted}
                    setAccepted={(yes) => set({ accepted: yes })}
                    problem={problems.accepted}
                />
            )}
            <CheckField
                id="persist"
                label={_("Make it again at each boot")}
                value={persist}
                onChange={(yes) => set({ persist: yes })}
            />
        </FormDialog>
    );
}

/** The volume, what becomes of its data, and the way to a volume where none is free. */
function VolumeField({ draft }: { draft: CacheDraft }) {
    const show = useDialog();
    const { none, problems } = draft;
    const { volume, lost, loss } = draft.plan;
    return (
        <>
            <SelectField
                id="volume"
                label={_("Volume that holds the cached blocks")}
                value={volume}
                choices={[
                    { value: "", label: none ? _("No volume is free") : _("Choose a volume") },
                    ...draft.choices.volumes,
                ]}
                onChange={draft.setVolume}
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
        </>
    );
}

/** The device that is to be cached. */
function SourceField({ draft }: { draft: CacheDraft }) {
    const looking = draft.devices.list === null;
    return (
        <SelectField
            id="source"
            label={_("Device to be cached")}
            value={draft.plan.source}
            choices={[
                { value: "", label: looking ? _("Looking for devices") : _("Choose a device") },
                ...draft.choices.sources,
            ]}
            onChange={(source) => draft.set({ source })}
            problem={looking ? "" : draft.problems.source}
            help={_("Devices that are in use or cannot be written to are listed with the reason.")}
        />
    );
}
