// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { _, format } from "../../lib/gettext.js";
import { isLoopback, isService } from "../../lib/netaddress.js";
import { useStore } from "../../state/use.js";
import type { Choice } from "../base/choice.js";
import { useFields } from "../base/fields.js";
import { OTHER, useAddresses } from "./interfaces.js";
import { transports } from "./transports.js";
import { addressWords } from "./words.js";

const DEFAULT_SERVICE = "4420";

/** What the fields say. */
interface PortFields {
    readonly transport: string;
    /** A listed address, or OTHER. */
    readonly listed: string;
    readonly address: string;
    readonly service: string;
    readonly tls: boolean;
    readonly persist: boolean;
}

/** The port that the fields ask for. */
interface PortPlan extends Pick<PortFields, "transport" | "persist"> {
    /** Whether it listens on the network; otherwise it has neither address nor service number. */
    readonly network: boolean;
    readonly address: string;
    readonly service: string;
    readonly tls: boolean;
}

/** A port before it is made: what the fields say, and what follows from it. */
export interface PortDraft {
    readonly fields: PortFields;
    readonly set: (change: Partial<PortFields>) => void;
    readonly plan: PortPlan;
    /** Words for what the host can do now. */
    readonly features: readonly string[];
    readonly transports: readonly Choice[];
    readonly addresses: readonly Choice[];
    readonly problems: Readonly<Record<"transport" | "address" | "service", string>>;
    readonly changes: readonly string[];
    readonly command: readonly string[] | null;
    readonly create: () => Promise<unknown>;
}

/** Keeps the fields for a new port, and works out what follows from them. */
export function usePortDraft(): PortDraft {
    const features = useStore((state) => state.manager?.Features) ?? [];
    const addresses = useAddresses();
    const choices = transports(features);
    const [fields, set] = useFields<PortFields>({
        transport: choices.find((one) => one.excuse === "")?.value ?? "tcp",
        listed: OTHER,
        address: "",
        service: DEFAULT_SERVICE,
        tls: false,
        persist: false,
    });
    const { transport, listed } = fields;
    const network = transport !== "loop";
    const address = listed === OTHER ? fields.address.trim() : listed;
    const plan: PortPlan = {
        transport,
        network,
        address: network ? address : "",
        service: fields.service.trim(),
        tls: fields.tls && transport === "tcp",
        persist: fields.persist,
    };
    const problems = {
        transport: choices.find((one) => one.value === transport)?.excuse ?? "",
        address: network && listed === OTHER ? addressWords(address) : "",
        service: network && !isService(plan.service) ? _("The service number is a whole one from 1 to 65535.") : "",
    };
    const right = Object.values(problems).every((problem) => problem === "");
    return {
        fields,
        set,
        plan,
        features,
        transports: choices,
        addresses,
        problems,
        changes: right ? changesOf(plan) : [],
        command: right ? commandOf(plan) : null,
        create: () => create(plan),
    };
}

function changesOf({ transport, network, address, service, persist }: PortPlan): string[] {
    return [
        network
            ? format(_("This host listens for NVMe hosts on $0, $1 $2."), address, transport.toUpperCase(), service)
            : _("A way to exports is made that only this very host can use."),
        _("Nothing can be reached through it before an export is put on it."),
        network && !isLoopback(transport, address)
            ? _("The firewall is not changed: let this service number through if hosts are to reach it.")
            : "",
        persist ? _("It is restored at each boot, once the network is up.") : "",
    ].filter(Boolean);
}

function commandOf({ transport, network, address, service, tls, persist }: PortPlan): string[] {
    const serviceWords = service === DEFAULT_SERVICE ? [] : ["--service", service];
    return [
        ...["rapiddisk", "port", "create", transport],
        ...(network ? [address, ...serviceWords] : []),
        ...(tls ? ["--tls"] : []),
        ...(persist ? ["--persist"] : []),
    ];
}

function create({ transport, network, address, service, tls, persist }: PortPlan): Promise<unknown> {
    return call(
        ROOT,
        SERVICE,
        "CreatePort",
        0,
        transport,
        address,
        options({
            service: network ? ["s", service] : undefined,
            tls: tls ? ["b", true] : undefined,
            persist: persist ? ["b", true] : undefined,
        }),
    );
}
