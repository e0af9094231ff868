// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ComponentChildren } from "preact";
import { Mark } from "../components/mark.js";
import type { Column, Columns } from "../components/table.js";
import { listed } from "../lib/bidi.js";
import { bytes, number, percent } from "../lib/bytes.js";
import { _, format, ngettext } from "../lib/gettext.js";
import { endpoint } from "../lib/netaddress.js";
import { fullness } from "../state/cachestatistics.js";
import { inUse, madeOutside, nameOf, type ListedKind } from "../state/list.js";
import type { ObjectOf } from "../state/objects.js";
import { ObjectLink, PathLink } from "./link.js";
import { cacheStateName, modeName, usersWords, whoMay } from "./words.js";

/** Lines of what uses something that a row has room for. */
const LINES = 3;

/** Items, one line each; those beyond `most` are only counted. */
function Lines<T extends string>(props: { items: readonly T[]; most: number; line: (item: T) => ComponentChildren }) {
    const { items, most, line } = props;
    const rest = items.length - most;
    return (
        <ul className="rd-lines">
            {items.slice(0, most).map((item) => (
                <li key={item}>{line(item)}</li>
            ))}
            {rest > 0 && <li className="rd-quiet">{format(ngettext("and $0 more", "and $0 more", rest), rest)}</li>}
        </ul>
    );
}

/** What uses an object, one line each. @param lines in words */
export function Users({ lines, most = Infinity }: { lines: readonly string[]; most?: number }) {
    if (lines.length === 0) return <span className="rd-quiet">{_("Nothing")}</span>;
    return <Lines items={lines} most={most} line={(words) => words} />;
}

/** Whether an object comes back at boot, and whether others made it. */
export function ComesBack({ it }: { it: ObjectOf[ListedKind] }) {
    return (
        <div>
            {it.Persistent ? (
                <Mark tone="info" test="saved">
                    {_("Saved at boot")}
                </Mark>
            ) : (
                <Mark test="unsaved">{_("Until reboot")}</Mark>
            )}
            {madeOutside(it) && (
                <Mark tone="warn" test="outside">
                    {_("Made outside")}
                </Mark>
            )}
        </div>
    );
}

const name = <K extends ListedKind>(kind: K): Column<ObjectOf[K]> => ({
    id: "name",
    title: () => _("Name"),
    by: (it) => nameOf(kind, it),
    cell: (it) => <ObjectLink kind={kind} it={it} />,
});

const comesBack = <K extends ListedKind>(): Column<ObjectOf[K]> => ({
    id: "boot",
    title: () => _("Comes back"),
    by: (it) => (it.Persistent ? 0 : 1) + (madeOutside(it) ? 2 : 0),
    cell: (it) => <ComesBack it={it} />,
});

const use = <K extends ListedKind>(kind: K, more: (it: ObjectOf[K]) => ComponentChildren): Column<ObjectOf[K]> => ({
    id: "state",
    title: () => _("State"),
    by: (it) => (inUse(kind, it) ? 0 : 1),
    cell: (it) => (
        <div>
            {inUse(kind, it) ? (
                <Mark tone="good" test="in-use">
                    {_("In use")}
                </Mark>
            ) : (
                <Mark test="free">{_("Not in use")}</Mark>
            )}
            {more(it)}
        </div>
    ),
});

const users = <T extends ObjectOf["volumes"] | ObjectOf["caches"]>(): Column<T> => ({
    id: "users",
    title: () => _("Used by"),
    by: (it) => listed(usersWords(it)),
    cell: (it) => <Users lines={usersWords(it)} most={LINES} />,
});

/** Stands for a value that is not known. @param children why, for users of a screen reader */
function Unknown({ children }: { children: string }) {
    return (
        <>
            <span aria-hidden="true">–</span>
            <span className="pf-v6-screen-reader">{children}</span>
        </>
    );
}

/** What keeps a cache from its work; nothing when nothing does. */
export function CacheState({ it }: { it: ObjectOf["caches"] }) {
    if (it.State === "ok") return null;
    return (
        <Mark tone="warn" test="cache-state">
            {cacheStateName(it.State)}
        </Mark>
    );
}

/** How much of its RAM a cache has filled. */
function Filled({ it }: { it: ObjectOf["caches"] }) {
    const full = fullness(it.statistics);
    if (full !== null) return <>{format(_("$0 of $1"), percent(full), bytes(it.CacheSize))}</>;
    return (
        <>
            <Unknown>{_("not measured yet")}</Unknown> {format(_("of $0"), bytes(it.CacheSize))}
        </>
    );
}

/** The columns of each kind's table. */
export const columns: { [K in ListedKind]: Columns<ObjectOf[K]> } = {
    volumes: [
        name("volumes"),
        { id: "size", title: () => _("Size"), by: (it) => it.Size, cell: (it) => bytes(it.Size), numeric: true },
        { id: "used", title: () => _("RAM held"), by: (it) => it.Used, cell: (it) => bytes(it.Used), numeric: true },
        use("volumes", (it) => (
            <>
                {it.ReadOnly && (
                    <Mark tone="info" test="locked">
                        {_("Locked")}
                    </Mark>
                )}
                {it.Errors > 0 && (
                    <Mark tone="warn" test="errors">
                        {format(ngettext("$0 error", "$0 errors", it.Errors), number(it.Errors))}
                    </Mark>
                )}
            </>
        )),
        users(),
        comesBack(),
    ],
    caches: [
        name("caches"),
        { id: "mode", title: () => _("Mode"), by: (it) => it.Mode, cell: (it) => modeName(it.Mode) },
        {
            id: "volume",
            title: () => _("Volume"),
            by: (it) => it.Volume,
            cell: (it) => <PathLink path={it.Volume} otherwise={_("None of these")} />,
        },
        { id: "source", title: () => _("Origin"), by: (it) => it.Source, cell: (it) => it.Source },
        {
            id: "filled",
            title: () => _("Filled"),
            by: (it) => fullness(it.statistics) ?? -1,
            cell: (it) => <Filled it={it} />,
            numeric: true,
        },
        {
            id: "hit-ratio",
            title: () => _("Hit ratio"),
            by: (it) => it.statistics?.hitRatio ?? -1,
            cell: ({ statistics }) =>
                statistics === undefined || statistics.hitRatio === null ? (
                    <Unknown>{statistics ? _("nothing read yet") : _("not measured yet")}</Unknown>
                ) : (
                    percent(statistics.hitRatio)
                ),
            numeric: true,
        },
        {
            id: "unwritten",
            title: () => _("Not yet written"),
            by: (it) => it.statistics?.unwritten ?? -1,
            cell: ({ statistics }) =>
                statistics ? bytes(statistics.unwritten) : <Unknown>{_("not measured yet")}</Unknown>,
            numeric: true,
        },
        use("caches", (it) => <CacheState it={it} />),
        users(),
        comesBack(),
    ],
    ports: [
        name("ports"),
        { id: "transport", title: () => _("Transport"), by: (it) => it.Transport, cell: (it) => it.Transport },
        {
            id: "address",
            title: () => _("Address"),
            by: (it) => `${it.Address} ${it.Service}`,
            cell: (it) => addressOf(it),
        },
        use("ports", (it) =>
            it.Tls ? (
                <Mark tone="info" test="tls">
                    TLS
                </Mark>
            ) : null,
        ),
        {
            id: "users",
            title: () => _("Exports"),
            by: (it) => it.Exports.length,
            cell: (it) => (it.Exports.length === 0 ? <Users lines={[]} /> : <Links paths={it.Exports} />),
        },
        comesBack(),
    ],
    exports: [
        name("exports"),
        { id: "device", title: () => _("Device"), by: (it) => it.Device, cell: (it) => it.Device },
        {
            id: "state",
            title: () => _("State"),
            by: (it) => (it.Enabled ? 0 : 1),
            cell: (it) => (
                <div>
                    <Mark tone={it.Enabled ? "good" : "warn"}>{it.Enabled ? _("On") : _("Switched off")}</Mark>
                </div>
            ),
        },
        { id: "hosts", title: () => _("Who may connect"), by: whoMay, cell: whoMay },
        {
            id: "ports",
            title: () => _("Ports"),
            by: (it) => it.Ports.length,
            cell: (it) => (it.Ports.length === 0 ? <Users lines={[]} /> : <Links paths={it.Ports} />),
        },
        comesBack(),
    ],
};

/** Where a port listens, as people write it. */
export function addressOf({ Address, Service }: ObjectOf["ports"]): string {
    return Address === "" ? _("This host only") : endpoint(Address, Service);
}

/** Objects by their names, up to as many as a row has room for. */
export function Links({ paths, most = LINES }: { paths: readonly string[]; most?: number }) {
    return <Lines items={paths} most={most} line={(path) => <PathLink path={path} otherwise={path} />} />;
}
