// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { isLocal } from "../../lib/netaddress.js";
import { kinds, type Export, type Port } from "../../state/objects.js";
import { useCurrent, useStore } from "../../state/use.js";
import { CheckField, ChecksField } from "../base/choice.js";
import { FormDialog } from "../base/form.js";
import { portWords } from "../port/words.js";
import { Connected } from "./connected.js";

/** What the fields ask for. */
interface PortsPlan {
    readonly now: Export;
    readonly added: readonly Port[];
    readonly taken: readonly Port[];
    /** Whether everybody reaches it through a port that is added. */
    readonly wide: boolean;
    /** Whether no port is left. */
    readonly last: boolean;
}

/** Puts an export on one more port or takes it off one. Each is a change of its own, so that one is made at a time. */
export function ExportPorts({ one, close }: { one: Export; close: () => void }) {
    const now = useCurrent("exports", one);
    const portMap = useStore((state) => state.ports);
    const ports = [...portMap.values()].sort((a, b) => a.Id - b.Id);
    const on = ports.filter((port) => now.Ports.includes(port.path)).map((port) => String(port.Id));
    // Only what the person changes is kept, port by port, so that nobody else's change is undone with it.
    const [changed, setChanged] = useState<readonly string[]>([]);
    const [accepted, setAccepted] = useState(false);
    const wanted = ports.map((port) => String(port.Id)).filter((id) => on.includes(id) !== changed.includes(id));
    const added = ports.filter(({ Id }) => wanted.includes(String(Id)) && !on.includes(String(Id)));
    const taken = ports.filter(({ Id }) => !wanted.includes(String(Id)) && on.includes(String(Id)));
    const wide = now.AllowAnyHost && added.some((port) => !isLocal(port.Transport));
    const problems = [
        added.length + taken.length === 0 ? _("Nothing is changed yet. Choose a port, or take one away.") : "",
        wide && !accepted ? _("Confirm that everybody may read and write it.") : "",
    ];
    const plan = { now, added, taken, wide, last: wanted.length === 0 };
    return (
        <FormDialog
            id="ports"
            title={_("Ports of an export")}
            action={_("Apply")}
            danger={taken.length > 0}
            subject={one.path}
            changes={changesOf(plan)}
            command={null}
            commands={commandsOf(plan)}
            problems={problems}
            close={close}
            run={() => apply(one.path, plan)}
        >
            <ChecksField
                id="ports"
                label={_("Ports through which it is reached")}
                value={wanted}
                choices={ports.map((port) => ({
                    value: String(port.Id),
                    label: format(_("Port $0"), port.Id),
                    help: portWords(port),
                }))}
                onChange={(next) =>
                    setChanged(ports.map(({ Id }) => String(Id)).filter((id) => next.includes(id) !== on.includes(id)))
                }
                problem={problems[0] ?? ""}
                help={ports.length === 0 ? _("There is no port yet. Create one first.") : ""}
            />
            {wide && (
                <CheckField
                    id="accepted"
                    label={_("Everybody who reaches a port may read and write it")}
                    help={_("The export allows any host.")}
                    value={accepted}
                    onChange={setAccepted}
                    problem={problems[1] ?? ""}
                />
            )}
            <Connected path={one.path} />
        </FormDialog>
    );
}

function changesOf({ now, added, taken, last }: PortsPlan): string[] {
    return [
        ...added.map((port) => format(_("Hosts reach it through port $0 ($1) as well."), port.Id, portWords(port))),
        ...taken.map((port) =>
            format(
                _("It is taken off port $0 ($1): hosts that are connected there lose it."),
                port.Id,
                portWords(port),
            ),
        ),
        taken.length > 0 && last ? _("No host can reach it any more.") : "",
        now.Persistent && added.length + taken.length > 0 ? _("This is saved for the next boot as well.") : "",
    ].filter(Boolean);
}

function commandsOf({ now, added, taken, wide }: PortsPlan): string[][] {
    return [
        ...added.map(({ Id }) => ["add-port", now.Nqn, String(Id), ...(wide ? ["--allow-any-host"] : [])]),
        ...taken.map(({ Id }) => ["remove-port", now.Nqn, String(Id)]),
    ].map((words) => ["rapiddisk", "export", ...words]);
}

async function apply(path: string, { added, taken, wide }: PortsPlan): Promise<void> {
    for (const { Id } of added) {
        const chosen = options({ "allow-any-host": wide ? ["b", true] : undefined });
        await call(path, kinds.exports, "AddPort", Id, chosen);
    }
    for (const { Id } of taken) await call(path, kinds.exports, "RemovePort", Id, options());
}
