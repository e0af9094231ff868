// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { _, format } from "../../lib/gettext.js";
import { isLoopback, isService } from "../../lib/netaddress.js";
import { useStore } from "../../state/use.js";
import { CheckField, RadioField, SelectField } from "../base/choice.js";
import { TextField } from "../base/field.js";
import { FormDialog } from "../base/form.js";
import { OTHER, useAddresses } from "./interfaces.js";
import { addressWords } from "./words.js";

const DEFAULT_SERVICE = "4420";

/** Transports with what they are and why they are not there. @param features what the host can do now */
function transports(features: readonly string[]) {
    const excuse = (name: string, module: string) =>
        features.includes(`nvme-${name}`)
            ? ""
            : format(
                  _("This host cannot do that now: the kernel module $0, or the hardware for it, is missing."),
                  module,
              );
    return [
        { value: "tcp", label: "TCP", help: _("Over any network."), excuse: excuse("tcp", "nvmet_tcp") },
        {
            value: "rdma",
            label: "RDMA",
            help: _("Over InfiniBand, RoCE or iWARP."),
            excuse: excuse("rdma", "nvmet_rdma"),
        },
        {
            value: "loop",
            label: _("Loop"),
            help: _("Only for this very host, to try things out."),
            excuse: excuse("loop", "nvme_loop"),
        },
    ];
}

/** Creates a port of the NVMe target. */
export function CreatePort({ close }: { close: () => void }) {
    const features = useStore((state) => state.manager?.Features) ?? [];
    const choices = transports(features);
    const [transport, setTransport] = useState(() => choices.find((one) => one.excuse === "")?.value ?? "tcp");
    const listed = useAddresses();
    const [chosen, setChosen] = useState("");
    const [typed, setTyped] = useState("");
    const [service, setService] = useState(DEFAULT_SERVICE);
    const [tls, setTls] = useState(false);
    const [persist, setPersist] = useState(false);

    const network = transport !== "loop";
    const choice = chosen || OTHER;
    const address = network ? (choice === OTHER ? typed.trim() : choice) : "";
    const secure = tls && transport === "tcp";
    const problems = {
        transport: choices.find((one) => one.value === transport)?.excuse ?? "",
        address: network && choice === OTHER ? addressWords(address) : "",
        service: network && !isService(service.trim()) ? _("The service number is a whole one from 1 to 65535.") : "",
    };
    const right = Object.values(problems).every((problem) => problem === "");
    const changes = right
        ? [
              network
                  ? format(
                        _("This host listens for NVMe hosts on $0, $1 $2."),
                        address,
                        transport.toUpperCase(),
                        service.trim(),
                    )
                  : _("A way to exports is made that only this very host can use."),
              _("Nothing can be reached through it before an export is put on it."),
              network && !isLoopback(transport, address)
                  ? _("The firewall is not changed: let this service number through if hosts are to reach it.")
                  : "",
              persist ? _("It is restored at each boot, once the network is up.") : "",
          ].filter(Boolean)
        : [];
    const serviceWord = service.trim() === DEFAULT_SERVICE ? [] : ["--service", service.trim()];
    const command = [
        ...["rapiddisk", "port", "create", transport],
        ...(network ? [address, ...serviceWord] : []),
        ...(secure ? ["--tls"] : []),
        ...(persist ? ["--persist"] : []),
    ];
    return (
        <FormDialog
            id="create-port"
            title={_("Create a port")}
            action={_("Create")}
            changes={changes}
            command={right ? command : null}
            problems={Object.values(problems)}
            close={close}
            run={() =>
                call(
                    ROOT,
                    SERVICE,
                    "CreatePort",
                    0,
                    transport,
                    address,
                    options({
                        service: network ? ["s", service.trim()] : undefined,
                        tls: secure ? ["b", true] : undefined,
                        persist: persist ? ["b", true] : undefined,
                    }),
                )
            }
        >
            <RadioField
                id="transport"
                label={_("Transport")}
                value={transport}
                choices={choices}
                onChange={setTransport}
                problem={problems.transport}
            />
            {network && (
                <>
                    <SelectField
                        id="address-choice"
                        label={_("Address where hosts connect")}
                        value={choice}
                        choices={listed}
                        onChange={setChosen}
                    />
                    {choice === OTHER && (
                        <TextField
                            id="address"
                            label={_("IP address or interface")}
                            help={_("For example 192.0.2.10, 2001:db8::1 or eth0.")}
                            value={typed}
                            onChange={setTyped}
                            problem={problems.address}
                            required
                        />
                    )}
                    <TextField
                        id="service"
                        label={_("Service number")}
                        help={_("4420 is the one that hosts expect.")}
                        value={service}
                        onChange={setService}
                        problem={problems.service}
                        required
                    />
                </>
            )}
            {transport === "tcp" && (
                <CheckField
                    id="tls"
                    label={_("Hosts must speak TLS")}
                    help={
                        features.includes("nvme-tls")
                            ? _("Keys for it are put into the kernel with nvme-cli, here and at the host.")
                            : _(
                                  "This host cannot do that now: its kernel's target knows no TLS, or tlshd does not run.",
                              )
                    }
                    value={secure}
                    disabled={!features.includes("nvme-tls")}
                    onChange={setTls}
                />
            )}
            <CheckField id="persist" label={_("Make it again at each boot")} value={persist} onChange={setPersist} />
        </FormDialog>
    );
}
