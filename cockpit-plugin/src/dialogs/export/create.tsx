// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { listed } from "../../lib/bidi.js";
import { _, format } from "../../lib/gettext.js";
import { isLocal } from "../../lib/netaddress.js";
import { lines } from "../../lib/lines.js";
import { kinds, type Port } from "../../state/objects.js";
import { useStore } from "../../state/use.js";
import { CheckField, ChecksField, RadioField, SelectField } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { FormDialog } from "../base/form.js";
import { portWords } from "../port/words.js";
import { deviceChoices } from "./devices.js";
import { HostsField, whoChoices, type Who } from "./hosts.js";
import { KeysShown } from "./keyshown.js";
import { nqnWords, plainWords } from "./words.js";

/** What a choice of a port means: its number, and where it listens. */
const portKey = (port: Port): string => `${port.Id} ${portWords(port)}`;

/** Exports a volume or a cache over NVMe. @param preset name of the device to begin with */
export function CreateExport({ preset = "", close }: { preset?: string; close: () => void }) {
    const volumes = useStore((state) => state.volumes);
    const caches = useStore((state) => state.caches);
    const portMap = useStore((state) => state.ports);
    const ports = [...portMap.values()].sort((a, b) => a.Id - b.Id);
    const devices = deviceChoices(volumes, caches);
    const [chosen, setDevice] = useState(preset);
    // A port counts with its address: what somebody else makes meanwhile is not chosen by itself.
    const [chosenPorts, setPorts] = useState(() => ports.map(portKey));
    const [who, setWho] = useState<Who>("named");
    const [hosts, setHosts] = useState("");
    const [nqn, setNqn] = useState("");
    const [serial, setSerial] = useState("");
    const [model, setModel] = useState("");
    const [persist, setPersist] = useState(false);
    const [noKey, setNoKey] = useState(false);
    const [made, setMade] = useState<Readonly<Record<string, string>> | null>(null);
    const able = useStore((state) => state.manager?.Features.includes("nvme-auth") ?? false);

    const device = chosen;
    const none = devices.every((one) => Boolean(one.excuse));
    const wanted = ports.filter((port) => chosenPorts.includes(portKey(port)));
    const local = wanted.every((port) => isLocal(port.Transport));
    const names = lines(hosts);
    const keyed = able && !noKey;
    const wrongHost = names.map((name) => nqnWords(name, "host")).find((problem) => problem !== "") ?? "";
    const problems = {
        device:
            device === ""
                ? none
                    ? _("There is no volume or cache that is free. Create one first.")
                    : _("Choose what is to be exported.")
                : (devices.find((one) => one.value === device)?.excuse ?? ""),
        hosts:
            who !== "named"
                ? ""
                : names.length === 0
                  ? _("Name at least one host, or choose who may connect otherwise.")
                  : wrongHost,
        nqn: nqn.trim() === "" ? "" : nqnWords(nqn.trim(), "export"),
        serial: plainWords(serial.trim(), 20),
        model: plainWords(model.trim(), 40),
    };
    const right = Object.values(problems).every((problem) => problem === "");
    const saved = [...volumes.values(), ...caches.values()].find((one) => one.Name === device)?.Persistent;
    const through = listed(wanted.map((port) => format(_("port $0 ($1)"), port.Id, portWords(port))));
    const changes = right
        ? [
              wanted.length > 0
                  ? format(_("$0 is exported through $1. Nothing else may use it from then on."), device, through)
                  : format(
                        _("$0 is made ready to be exported; no host reaches it before it is put on a port."),
                        device,
                    ),
              who === "any" ? _("Any host that reaches a port can read and write it.") : "",
              who === "named" ? format(_("Only these hosts can read and write it: $0."), listed(names)) : "",
              who === "named" && !local
                  ? keyed
                      ? _("Each of them that has no key yet gets one, which is shown once, and must prove it.")
                      : _(
                            "An NQN does not authenticate a host: anyone who knows one of these NQNs and reaches a port can connect.",
                        )
                  : "",
              who === "nobody" ? _("Nobody can connect until a host is allowed.") : "",
              persist ? _("It is restored at each boot, with its ports, once the network is up.") : "",
              persist && saved === false
                  ? format(_("$0 is not saved: save it as well, or the export cannot be restored at boot."), device)
                  : "",
          ].filter(Boolean)
        : [];
    const word = (option: string, value: string) => (value === "" ? [] : [option, value]);
    const command = [
        ...["rapiddisk", "export", "create", device],
        ...word("--port", wanted.map((port) => port.Id).join(",")),
        ...(who === "named" ? ["--host", names.join(",")] : []),
        ...(who === "named" && noKey ? ["--no-key"] : []),
        ...(who === "any" ? ["--allow-any-host"] : []),
        ...(who === "nobody" ? ["--closed"] : []),
        ...word("--nqn", nqn.trim()),
        ...word("--serial", serial.trim()),
        ...word("--model", model.trim()),
        ...(persist ? ["--persist"] : []),
    ];
    const text = (value: string): ["s", string] | undefined => (value === "" ? undefined : ["s", value]);
    if (made) return <KeysShown keys={made} close={close} />;
    return (
        <FormDialog
            id="create-export"
            title={_("Create an export")}
            action={_("Create")}
            changes={changes}
            command={right ? command : null}
            problems={Object.values(problems)}
            close={close}
            run={async () => {
                const path = await call(
                    ROOT,
                    SERVICE,
                    "CreateExport",
                    device,
                    options({
                        ports: ["as", wanted.map((port) => String(port.Id))],
                        hosts: who === "named" ? ["as", names] : undefined,
                        "allow-any-host": who === "named" ? undefined : ["b", who === "any"],
                        "no-key": who === "named" && noKey ? ["b", true] : undefined,
                        nqn: text(nqn.trim()),
                        serial: text(serial.trim()),
                        model: text(model.trim()),
                        persist: persist ? ["b", true] : undefined,
                    }),
                );
                if (who !== "named" || !keyed || local) return undefined;
                const keys = await call(path, kinds.exports, "TakeHostKeys", names, options());
                if (Object.keys(keys).length === 0) return undefined;
                setMade(keys);
                return "stay";
            }}
        >
            <SelectField
                id="device"
                label={_("Volume or cache to be exported")}
                value={device}
                choices={[
                    { value: "", label: none ? _("Nothing is free") : _("Choose a volume or a cache") },
                    ...devices,
                ]}
                onChange={setDevice}
                problem={problems.device}
                help={_("What is in use or locked is listed with the reason.")}
            />
            <ChecksField
                id="ports"
                label={_("Ports through which it is reached")}
                value={wanted.map((port) => String(port.Id))}
                choices={ports.map((port) => ({
                    value: String(port.Id),
                    label: format(_("Port $0"), port.Id),
                    help: portWords(port),
                }))}
                onChange={(next) => setPorts(ports.filter((port) => next.includes(String(port.Id))).map(portKey))}
                help={ports.length === 0 ? _("There is no port yet. It can be put on one later.") : ""}
            />
            <RadioField
                id="who"
                label={_("Who may connect")}
                value={who}
                choices={whoChoices(local)}
                onChange={(next) => setWho(next as Who)}
            />
            {who === "named" && <HostsField value={hosts} onChange={setHosts} problem={problems.hosts} />}
            {who === "named" && able && !local && (
                <CheckField
                    id="no-key"
                    label={_("Make no keys: names are enough")}
                    help={_(
                        "An NQN does not authenticate a host: every user of this machine can read it, and it can be used from anywhere.",
                    )}
                    value={noKey}
                    onChange={setNoKey}
                />
            )}
            <TextField
                id="nqn"
                label={_("NQN")}
                help={_(
                    "The name that hosts connect to. Leave it empty for one made of this host's name and the device's.",
                )}
                placeholder={format("nqn.2021-06.org.rapiddisk:HOSTNAME-$0", device || "rdN")}
                value={nqn}
                onChange={setNqn}
                problem={problems.nqn}
            />
            <TextField
                id="serial"
                label={_("Serial number")}
                help={_("Leave it empty for one that stays the same as long as the contents do.")}
                value={serial}
                onChange={setSerial}
                problem={problems.serial}
            />
            <TextField
                id="model"
                label={_("Model name")}
                placeholder="RapidDisk"
                value={model}
                onChange={setModel}
                problem={problems.model}
            />
            <CheckField id="persist" label={_("Make it again at each boot")} value={persist} onChange={setPersist} />
        </FormDialog>
    );
}
