// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _, format } from "../../lib/gettext.js";
import { useConnections } from "../../state/polledstate.js";

/** Shows which hosts are connected to an export now, as far as the service can tell. @param path of the export */
export function Connected({ path }: { path: string }) {
    const known = useConnections([path]).get(path);
    if (known === undefined) return <p role="status">{_("Looking for connected hosts.")}</p>;
    const rows = known.flatMap(({ port, transport, known: told, hosts }) => {
        const where = format(_("port $0, $1"), port, transport);
        if (!told) return [format(_("Who is connected through $0 cannot be told."), where)];
        return hosts.map((host) => format(_("$0, through $1"), host, where));
    });
    if (rows.length === 0) return <p data-test="dialog-nobody">{_("No host is connected now.")}</p>;
    return (
        <section className="rd-users" data-test="dialog-connected">
            <h2>{_("Connected now")}</h2>
            <ul>
                {rows.map((row) => (
                    <li key={row}>{row}</li>
                ))}
            </ul>
        </section>
    );
}
