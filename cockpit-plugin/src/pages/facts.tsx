// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Term } from "../components/terms.js";
import { bytes, number, percent } from "../lib/bytes.js";
import { _, format } from "../lib/gettext.js";
import { useOriginErrors } from "../state/polledstate.js";
import type { ListedKind } from "../state/list.js";
import type { ObjectOf } from "../state/objects.js";
import { addressOf, CacheState, ComesBack, Links, Users } from "./columns.js";
import { PathLink } from "./link.js";
import { cacheStateName, modeName, usersWords } from "./words.js";

const yes = (is: boolean): string => (is ? _("yes") : _("no"));

const size = (count: number): string => format(_("$0 ($1 bytes)"), bytes(count), number(count));

const comesBack = (it: ObjectOf[ListedKind]): Term => ({
    term: _("Comes back"),
    test: "boot",
    value: <ComesBack it={it} />,
});

const hosts = (it: ObjectOf["exports"]) =>
    it.AllowAnyHost ? (
        _("Any host")
    ) : (
        <Users
            lines={it.AllowedHosts.map((host) =>
                it.AuthenticatedHosts.includes(host)
                    ? format(_("$0, which must prove a key"), host)
                    : format(_("$0, without a key: its name is all that it needs"), host),
            )}
        />
    );

function OriginErrors({ it }: { it: ObjectOf["caches"] }) {
    const errors = useOriginErrors(it);
    return <>{errors === null ? _("not known") : number(errors)}</>;
}

/** What there is to know of an object of each kind. */
export const facts: { [K in ListedKind]: (it: ObjectOf[K]) => Term[] } = {
    volumes: (it) => [
        { term: _("Device"), test: "device", value: it.Device },
        { term: _("Size"), test: "size", value: size(it.Size) },
        {
            term: _("RAM held"),
            test: "used",
            value: format(_("$0, $1 of its size"), bytes(it.Used), percent(it.Size > 0 ? it.Used / it.Size : 0)),
        },
        { term: _("All memory allocated at once"), test: "populated", value: yes(it.Populated) },
        { term: _("Locked against writing"), test: "read-only", value: yes(it.ReadOnly) },
        { term: _("Errors"), test: "errors", value: number(it.Errors) },
        { term: _("Used by"), test: "users", value: <Users lines={usersWords(it)} /> },
        comesBack(it),
    ],
    caches: (it) => [
        { term: _("Device"), test: "device", value: it.Device },
        { term: _("Mode"), test: "mode", value: modeName(it.Mode) },
        {
            term: _("Volume that holds the blocks"),
            test: "volume",
            value: <PathLink path={it.Volume} otherwise={_("None of these")} />,
        },
        { term: _("Origin"), test: "source", value: it.Source },
        {
            term: _("State"),
            test: "cache-state",
            value: it.State === "ok" ? cacheStateName(it.State) : <CacheState it={it} />,
        },
        { term: _("I/O errors of the origin"), test: "origin-errors", value: <OriginErrors it={it} /> },
        { term: _("Size of the device"), test: "size", value: size(it.Size) },
        { term: _("Size of the cache"), test: "cache-size", value: size(it.CacheSize) },
        { term: _("Size of a block"), test: "block-size", value: bytes(it.BlockSize) },
        { term: _("Used by"), test: "users", value: <Users lines={usersWords(it)} /> },
        comesBack(it),
    ],
    ports: (it) => [
        { term: _("Transport"), test: "transport", value: it.Transport },
        { term: _("Address"), test: "address", value: addressOf(it) },
        { term: _("Network interface"), test: "interface", value: it.Interface || _("none") },
        { term: _("Hosts must speak TLS"), test: "tls", value: yes(it.Tls) },
        {
            term: _("Exports"),
            test: "users",
            value: it.Exports.length === 0 ? <Users lines={[]} /> : <Links paths={it.Exports} most={Infinity} />,
        },
        comesBack(it),
    ],
    exports: (it) => [
        {
            term: _("What is exported"),
            test: "device",
            value: <PathLink path={it.Backing} otherwise={it.Device} />,
        },
        { term: _("Switched on"), test: "enabled", value: yes(it.Enabled) },
        { term: _("Who may connect"), test: "hosts", value: hosts(it) },
        {
            term: _("Ports"),
            test: "ports",
            value: it.Ports.length === 0 ? <Users lines={[]} /> : <Links paths={it.Ports} most={Infinity} />,
        },
        { term: _("Namespace"), test: "namespace", value: number(it.NamespaceId) },
        { term: _("Serial number"), test: "serial", value: it.Serial },
        { term: _("Model"), test: "model", value: it.Model },
        { term: "UUID", test: "uuid", value: it.Uuid },
        comesBack(it),
    ],
};
