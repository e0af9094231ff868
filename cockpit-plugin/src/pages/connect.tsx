// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Copyable } from "../components/copy.js";
import { Section } from "../components/section.js";
import { _, format } from "../lib/gettext.js";
import { waysTo } from "../state/connect.js";
import type { PortConnection } from "../state/connection.js";
import { useConnections } from "../state/polledstate.js";
import type { Export } from "../state/objects.js";
import { useStore } from "../state/use.js";
import { addressOf } from "./columns.js";

/** How another machine reaches an export: the commands to type there. */
export function HowToConnect({ it }: { it: Export }) {
    const ports = useStore((state) => state.ports);
    const ways = waysTo(it, ports);
    return (
        <Section title={_("How to connect")} test="connect">
            {ways.length === 0 && (
                <p className="rd-quiet">
                    {it.Ports.length === 0
                        ? _("The export is on no port: add one first.")
                        : _("No host may connect yet: allow one first.")}
                </p>
            )}
            {ways.map((way) => (
                <div key={`${way.port.path} ${way.host}`} className="rd-way" data-test="way">
                    <h3>
                        {way.host === ""
                            ? format(_("Through port $0 ($1)"), way.port.Id, addressOf(way.port))
                            : format(_("Host $2 through port $0 ($1)"), way.port.Id, addressOf(way.port), way.host)}
                    </h3>
                    <Copyable
                        text={way.discover}
                        label={_("Command that lists what may be connected")}
                        test="discover"
                    />
                    <Copyable text={way.connect} label={_("Command that connects")} test="connect-command" />
                    {way.anyAddress && (
                        <p className="rd-quiet">{_("Put an address of this host in place of ADDRESS.")}</p>
                    )}
                    {way.key && <p className="rd-quiet">{_("Put the host's key in place of KEY.")}</p>}
                </div>
            ))}
        </Section>
    );
}

/** Shows which hosts are connected to an export now, port by port. */
export function WhoIsConnected({ it }: { it: Export }) {
    const connections = useConnections(it.path === "" ? [] : [it.path]).get(it.path);
    return (
        <Section title={_("Who is connected")} test="connections">
            {connections === undefined ? (
                <p className="rd-quiet">{_("Looking …")}</p>
            ) : connections.length === 0 ? (
                <p className="rd-quiet">{_("Nobody: the export is on no port.")}</p>
            ) : (
                <ul className="rd-lines">
                    {connections.map((one) => (
                        <li key={one.port} data-port={one.port} data-known={one.known}>
                            <strong>{format(_("Port $0:"), one.port)}</strong> <Hosts one={one} />
                        </li>
                    ))}
                </ul>
            )}
        </Section>
    );
}

function Hosts({ one }: { one: PortConnection }) {
    if (!one.known) return <>{_("Unknown: this kernel does not tell.")}</>;
    if (one.hosts.length === 0) return <>{_("nobody")}</>;
    return (
        <>
            <ul className="rd-lines">
                {one.hosts.map((host) => (
                    <li key={host} data-host={host}>
                        {host}
                    </li>
                ))}
            </ul>
            {!one.exclusive && (
                <p className="rd-quiet">
                    {_("Some of them may be connected to another export on the same port: this kernel does not tell.")}
                </p>
            )}
        </>
    );
}
