// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the service refuses of ports and exports, for exports.test.ts: over /dev/rd0, exported on ports 1 and 2. */
import { Variant } from "../../../service/src/bus/index.js";
import { HOST, NQN, OTHER_HOST } from "../../unit/model/exports.js";

const text = (value: string): Variant => new Variant("s", value);
const texts = (...values: string[]): Variant => new Variant("as", values);
const yes = new Variant("b", true);

/** How to ask for things. */
export interface Asking {
    port: (id: number, transport: string, address: string, options?: Record<string, Variant>) => Promise<unknown>;
    exporting: (device: string, options: Record<string, Variant>) => Promise<unknown>;
    /** A method of the export. */
    on: (member: string, signature: string, ...args: unknown[]) => Promise<unknown>;
    removePort: () => Promise<unknown>;
}

/** What is wrong, the error's name, the attempt, and what the message must say. */
export function refusals({
    port,
    exporting,
    on,
    removePort,
}: Asking): [string, string, () => Promise<unknown>, RegExp][] {
    return [
        ["a number that is taken", "AlreadyExists", () => port(1, "loop", ""), /lowest free number is 3/],
        ["a number out of range", "InvalidArgument", () => port(65536, "loop", ""), /1 to 65535/],
        ["an unknown transport", "InvalidArgument", () => port(0, "fc", ""), /tcp, rdma or loop/],
        ["an address for loop", "InvalidArgument", () => port(0, "loop", "127.0.0.1"), /no address/],
        ["no address", "InvalidArgument", () => port(0, "tcp", ""), /IP address or the name of an interface/],
        ["an address in brackets", "InvalidArgument", () => port(0, "tcp", "[::1]"), /without brackets: ::1/],
        ["a path for an interface", "InvalidArgument", () => port(0, "tcp", "../x"), /neither an IP address nor/],
        [
            "an address of elsewhere",
            "NotFound",
            () => port(0, "tcp", "198.51.100.1"),
            /not on this host.*192\.0\.2\.10/,
        ],
        ["an unknown interface", "NotFound", () => port(0, "tcp", "eth9"), /no interface "eth9".*eth0/],
        ["the wrong family", "InvalidArgument", () => port(0, "tcp", "::1", { family: text("ipv4") }), /family ipv6/],
        [
            "a link-local address without its interface",
            "InvalidArgument",
            () => port(0, "tcp", "fe80::10"),
            /%INTERFACE/,
        ],
        [
            "a service that is no number",
            "InvalidArgument",
            () => port(0, "tcp", "::1", { service: text("http") }),
            /1 to 65535/,
        ],
        [
            "an address that another port has",
            "AlreadyExists",
            () => port(0, "tcp", "eth0"),
            /Port 1 has tcp 192\.0\.2\.10:4420/,
        ],
        ["rdma without a device", "NotSupported", () => port(0, "rdma", "eth0"), /no RDMA device/],
        ["TLS without its helper", "NotSupported", () => port(0, "tcp", "::1", { tls: yes }), /tlshd/],
        ["a port in use", "Busy", () => removePort(), new RegExp(NQN)],
        ["an unknown device", "NotFound", () => exporting("rd77", {}), /rd77/],
        [
            "a device in use",
            "Busy",
            () => exporting("rd0", { nqn: text(`${NQN}x`), hosts: texts(HOST) }),
            /exported as/,
        ],
        [
            "an NQN that is taken",
            "AlreadyExists",
            () => exporting("rd1", { nqn: text(NQN), hosts: texts(HOST) }),
            /exists already/,
        ],
        [
            "an NQN with a path in it",
            "InvalidArgument",
            () => exporting("rd1", { nqn: text("nqn.2014-08.org.x:../../a") }),
            /slash/,
        ],
        ["an NQN of no length", "InvalidArgument", () => exporting("rd1", { nqn: text("") }), /0 bytes/],
        [
            "an NQN that is too long",
            "InvalidArgument",
            () => exporting("rd1", { nqn: text(`nqn.2014-08.org.x:${"y".repeat(210)}`) }),
            /1 to 223/,
        ],
        [
            "the discovery NQN",
            "InvalidArgument",
            () => exporting("rd1", { nqn: text("nqn.2014-08.org.nvmexpress.discovery") }),
            /discovery/,
        ],
        [
            "a host that is no NQN",
            "InvalidArgument",
            () => exporting("rd1", { hosts: texts("web/1") }),
            /Host "web\/1" could be taken for a path/,
        ],
        ["any host on an open port", "InvalidArgument", () => exporting("rd1", {}), /allow-any-host/],
        [
            "any host and named hosts",
            "InvalidArgument",
            () => exporting("rd1", { hosts: texts(HOST), "allow-any-host": yes }),
            /not both/,
        ],
        [
            "a port that is not there",
            "NotFound",
            () => exporting("rd1", { ports: texts("9"), hosts: texts(HOST) }),
            /There is no port 9; there are 1, 2/,
        ],
        [
            "a port that is no number",
            "InvalidArgument",
            () => exporting("rd1", { ports: texts("../1") }),
            /neither the number of a port nor the object path/,
        ],
        [
            "a serial that is too long",
            "InvalidArgument",
            () => exporting("rd1", { serial: text("x".repeat(21)) }),
            /1 to 20/,
        ],
        ["an unknown option", "UnknownOption", () => exporting("rd1", { colour: text("red") }), /"colour" is unknown/],
        ["a host that is allowed", "AlreadyExists", () => on("AllowHost", "sa{sv}", HOST, {}), /already/],
        ["a host that is not allowed", "NotFound", () => on("DenyHost", "sa{sv}", OTHER_HOST, {}), /not in the list/],
        ["a port that it is on", "AlreadyExists", () => on("AddPort", "ua{sv}", 1, {}), /on port 1 already/],
        ["a port that it is not on", "NotFound", () => on("RemovePort", "ua{sv}", 9, {}), /on 1, 2/],
        [
            "a hash without a key",
            "InvalidArgument",
            () => on("AllowHost", "sa{sv}", OTHER_HOST, { hash: text("sha256") }),
            /without the host's key/,
        ],
        ["no key at all", "InvalidArgument", () => on("SetHostKeys", "sa{sv}", HOST, {}), /key is given or/],
    ];
}
