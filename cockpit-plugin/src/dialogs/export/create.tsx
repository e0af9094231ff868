// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { _, format } from "../../lib/gettext.js";
import { CheckField, ChecksField, RadioField, SelectField } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { FormDialog } from "../base/form.js";
import { portWords } from "../port/words.js";
import { useExportDraft, type ExportDraft } from "./draft.js";
import { HostsField, whoChoices, type Who } from "./hosts.js";
import { KeysShown } from "./keyshown.js";
import { createExport } from "./plan.js";

/** Exports a volume or a cache over NVMe. @param preset name of the device to begin with */
export function CreateExport({ preset = "", close }: { preset?: string; close: () => void }) {
    const draft = useExportDraft(preset);
    const [made, setMade] = useState<Readonly<Record<string, string>> | null>(null);
    if (made) return <KeysShown keys={made} close={close} />;
    return (
        <FormDialog
            id="create-export"
            title={_("Create an export")}
            action={_("Create")}
            changes={draft.changes}
            command={draft.command}
            problems={Object.values(draft.problems)}
            close={close}
            run={async () => {
                const keys = await createExport(draft.plan);
                if (keys === null) return undefined;
                setMade(keys);
                return "stay";
            }}
        >
            <DeviceField draft={draft} />
            <PortsField draft={draft} />
            <AccessFields draft={draft} />
            <IdentityFields draft={draft} />
            <CheckField
                id="persist"
                label={_("Make it again at each boot")}
                value={draft.fields.persist}
                onChange={(persist) => draft.set({ persist })}
            />
        </FormDialog>
    );
}

interface DraftProps {
    readonly draft: ExportDraft;
}

function DeviceField({ draft }: DraftProps) {
    const none = draft.devices.every((one) => Boolean(one.excuse));
    return (
        <SelectField
            id="device"
            label={_("Volume or cache to be exported")}
            value={draft.fields.device}
            choices={[
                { value: "", label: none ? _("Nothing is free") : _("Choose a volume or a cache") },
                ...draft.devices,
            ]}
            onChange={(device) => draft.set({ device })}
            problem={draft.problems.device}
            help={_("What is in use or locked is listed with the reason.")}
        />
    );
}

function PortsField({ draft }: DraftProps) {
    return (
        <ChecksField
            id="ports"
            label={_("Ports through which it is reached")}
            value={draft.plan.ports.map((port) => String(port.Id))}
            choices={draft.ports.map((port) => ({
                value: String(port.Id),
                label: format(_("Port $0"), port.Id),
                help: portWords(port),
            }))}
            onChange={draft.setPorts}
            help={draft.ports.length === 0 ? _("There is no port yet. It can be put on one later.") : ""}
        />
    );
}

/** Who may connect, and how that is made sure. */
function AccessFields({ draft }: DraftProps) {
    const { who, hosts, noKey } = draft.fields;
    const { local } = draft.plan;
    return (
        <>
            <RadioField
                id="who"
                label={_("Who may connect")}
                value={who}
                choices={whoChoices(local)}
                onChange={(next) => draft.set({ who: next as Who })}
            />
            {who === "named" && (
                <HostsField
                    value={hosts}
                    onChange={(next) => draft.set({ hosts: next })}
                    problem={draft.problems.hosts}
                />
            )}
            {who === "named" && draft.able && !local && (
                <CheckField
                    id="no-key"
                    label={_("Make no keys: names are enough")}
                    help={_(
                        "An NQN does not authenticate a host: every user of this machine can read it, and it can be used from anywhere.",
                    )}
                    value={noKey}
                    onChange={(next) => draft.set({ noKey: next })}
                />
            )}
        </>
    );
}

/** What hosts see of it. */
function IdentityFields({ draft }: DraftProps) {
    const { fields, set, problems } = draft;
    return (
        <>
            <TextField
                id="nqn"
                label={_("NQN")}
                help={_(
                    "The name that hosts connect to. Leave it empty for one made of this host's name and the device's.",
                )}
                placeholder={format("nqn.2021-06.org.rapiddisk:HOSTNAME-$0", fields.device || "rdN")}
                value={fields.nqn}
                onChange={(nqn) => set({ nqn })}
                problem={problems.nqn}
            />
            <TextField
                id="serial"
                label={_("Serial number")}
                help={_("Leave it empty for one that stays the same as long as the contents do.")}
                value={fields.serial}
                onChange={(serial) => set({ serial })}
                problem={problems.serial}
            />
            <TextField
                id="model"
                label={_("Model name")}
                placeholder="RapidDisk"
                value={fields.model}
                onChange={(model) => set({ model })}
                problem={problems.model}
            />
        </>
    );
}
