// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import { CheckField, RadioField, SelectField } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { FormDialog } from "../base/form.js";
import { usePortDraft, type PortDraft } from "./draft.js";
import { OTHER } from "./interfaces.js";

/** Creates a port of the NVMe target. */
export function CreatePort({ close }: { close: () => void }) {
    const draft = usePortDraft();
    const { fields, set, problems } = draft;
    return (
        <FormDialog
            id="create-port"
            title={_("Create a port")}
            action={_("Create")}
            changes={draft.changes}
            command={draft.command}
            problems={Object.values(problems)}
            close={close}
            run={draft.create}
        >
            <RadioField
                id="transport"
                label={_("Transport")}
                value={fields.transport}
                choices={draft.transports}
                onChange={(transport) => set({ transport })}
                problem={problems.transport}
            />
            {draft.plan.network && <AddressFields draft={draft} />}
            {fields.transport === "tcp" && <TlsField draft={draft} />}
            <CheckField
                id="persist"
                label={_("Make it again at each boot")}
                value={fields.persist}
                onChange={(persist) => set({ persist })}
            />
        </FormDialog>
    );
}

/** Where a port on the network listens. */
function AddressFields({ draft }: { draft: PortDraft }) {
    const { fields, set, problems } = draft;
    return (
        <>
            <SelectField
                id="address-choice"
                label={_("Address where hosts connect")}
                value={fields.listed}
                choices={draft.addresses}
                onChange={(listed) => set({ listed })}
            />
            {fields.listed === OTHER && (
                <TextField
                    id="address"
                    label={_("IP address or interface")}
                    help={_("For example 192.0.2.10, 2001:db8::1 or eth0.")}
                    value={fields.address}
                    onChange={(address) => set({ address })}
                    problem={problems.address}
                    required
                />
            )}
            <TextField
                id="service"
                label={_("Service number")}
                help={_("4420 is the one that hosts expect.")}
                value={fields.service}
                onChange={(service) => set({ service })}
                problem={problems.service}
                required
            />
        </>
    );
}

/** Whether hosts must speak TLS, where this host can. */
function TlsField({ draft }: { draft: PortDraft }) {
    const able = draft.features.includes("nvme-tls");
    return (
        <CheckField
            id="tls"
            label={_("Hosts must speak TLS")}
            help={
                able
                    ? _("Keys for it are put into the kernel with nvme-cli, here and at the host.")
                    : _("This host cannot do that now: its kernel's target knows no TLS, or tlshd does not run.")
            }
            value={draft.plan.tls}
            disabled={!able}
            onChange={(tls) => draft.set({ tls })}
        />
    );
}
