// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Every kind of problem: the sentence that scripts compare, its values on the bus, and the text of the page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { told } from "../../../cockpit-plugin/src/state/details.js";
import { ENTRIES, FAULTS, OPERATIONS as OPERATION_TEXTS, PROBLEMS } from "../../../cockpit-plugin/src/state/texts.js";
import { problemDetails } from "../../../service/src/daemon/details.js";
import { OPERATIONS } from "../../../service/src/model/operations.js";
import {
    ENTRY_FAULTS,
    PROBLEM_KINDS,
    problemSentence,
    STATE_FAULTS,
    type ProblemKind,
    type ProblemOf,
} from "../../../service/src/model/problems.js";
import { onPage } from "./details.js";

const NQN = "nqn.x:a";
const cache = { object: "c", type: "cache" } as const;
const volume = { object: "rd5", type: "volume" } as const;
const port = { object: "3", type: "port" } as const;
const one = { object: NQN, type: "export" } as const;
const MAKE = "remove it and restore, or make it persistent as it is.";

/** The sentence about a saved object that a restore refuses to make. */
const refusedRestore = (object: string, reason: string): string =>
    `${object} is saved but not there, and a restore refuses to make it: ${reason}. Put that right and restore, or forget ${object}.`;
/** The sentence about a cache that has lost its origin. */
const ORIGIN_GONE = "/dev/sdb, the origin of c, is gone: what c does not hold can neither be read nor written";

/** One problem of each kind, and its sentence. */
const SAMPLES: { [K in ProblemKind]: [ProblemOf<K>, string] } = {
    other: [{ kind: "other", sentence: "It is wrong." }, "It is wrong."],
    "state-unreadable": [
        { kind: "state-unreadable", path: "/s", errno: "EIO" },
        "The saved state /s could not be read (EIO).",
    ],
    "state-too-large": [
        { kind: "state-too-large", path: "/s", limit: 5 },
        "The saved state /s is damaged (it is larger than 5 bytes); repair it or move it away.",
    ],
    "state-damaged": [
        { kind: "state-damaged", path: "/s", fault: "not-json" },
        "The saved state /s is damaged (it is not JSON); repair it or move it away.",
    ],
    "state-newer": [
        { kind: "state-newer", path: "/s", format: "2", known: 1 },
        "The saved state /s has the format 2, of a newer version of RapidDisk Manager; this one reads the format 1. " +
            "Install the version that wrote it, or move it away.",
    ],
    "state-older": [
        { kind: "state-older", path: "/s", format: "0", known: 1 },
        "The saved state /s has the format 0, of an older version of RapidDisk Manager; this one reads the format 1. " +
            "Install the version that wrote it, or move it away.",
    ],
    "entry-unusable": [
        { kind: "entry-unusable", path: "/s", type: "volume", name: "2", index: 0, fault: "missing", field: "size" },
        "The saved volume 2 (its size is missing) in /s cannot be used and is kept as it is; repair or remove it.",
    ],
    "notes-unreadable": [
        { kind: "notes-unreadable", path: "/r", errno: "EIO" },
        "Notes of unfinished work in /r could not be read (EIO).",
    ],
    "note-unreadable": [
        { kind: "note-unreadable", path: "/r/1", errno: "EIO" },
        "The note /r/1 of unfinished work could not be read (EIO); the next start of the service tries again.",
    ],
    "work-interrupted": [
        { kind: "work-interrupted", ...port, operation: "port-create", reason: "" },
        "port-create of port 3 was interrupted and is not put in order yet; it is tried again.",
    ],
    "work-failed": [
        { kind: "work-failed", ...one, operation: "export-remove", reason: "No memory." },
        `export-remove of ${NQN} failed and could not be undone: No memory; it is tried again.`,
    ],
    "host-stuck": [
        { kind: "host-stuck", object: "nqn.h", type: "host", reason: "Busy." },
        "Host nqn.h, which nothing allows any more, could not be removed; it is tried again: Busy.",
    ],
    missing: [
        { kind: "missing", ...volume },
        "rd5 is saved but not there; restoring makes it again, forgetting it drops what is saved.",
    ],
    "missing-needs": [
        { kind: "missing-needs", ...cache, needs: "rd5" },
        "c is saved but not there, and rd5, which it needs, is neither there nor saved; create that, or forget c.",
    ],
    "missing-needs-ports": [
        { kind: "missing-needs-ports", ...one, ports: "1, 2" },
        `${NQN} is saved but not there, and port 1, 2, which it needs, is neither there nor saved; create that, or forget ${NQN}.`,
    ],
    "missing-failed": [
        { kind: "missing-failed", ...port, reason: "x." },
        "Port 3 is saved but not there, and the last restore could not make it: x. Restoring tries it again, " +
            "forgetting it drops what is saved.",
    ],
    "missing-other-volume": [
        { kind: "missing-other-volume", ...cache, volume: "rd5" },
        refusedRestore("c", "rd5 is another volume than the one that is saved"),
    ],
    "missing-other-size": [
        { kind: "missing-other-size", ...cache, volume: "rd5", size: 1, "saved-size": 2 },
        refusedRestore("c", "rd5 is another volume: it is there with 1 bytes, saved are 2"),
    ],
    "missing-volume-used": [
        { kind: "missing-volume-used", ...cache, volume: "rd5", used: 7 },
        refusedRestore("c", "rd5 holds 7 bytes, which a cache would destroy: erase it"),
    ],
    "missing-other-cache": [
        { kind: "missing-other-cache", ...one, cache: "c" },
        refusedRestore(NQN, "c is another cache than the one that is saved"),
    ],
    "volume-replaced": [
        { kind: "volume-replaced", ...volume },
        `rd5 is another volume than the one that is saved; ${MAKE}`,
    ],
    "volume-differs": [
        { kind: "volume-differs", ...volume, size: 1, "saved-size": 2 },
        `rd5 is another volume: it is there with 1 bytes, saved are 2; ${MAKE}`,
    ],
    "volume-unlocked": [
        { kind: "volume-unlocked", ...volume },
        "rd5 is saved as locked, but can be written; restoring locks it, unlocking it saves that.",
    ],
    "cache-differs": [
        {
            kind: "cache-differs",
            ...cache,
            ...{ volume: "", origin: "/dev/sdb", "saved-volume": "rd2", "saved-origin": "/dev/sdc" },
        },
        `c is there on another device for /dev/sdb, but saved is rd2 for /dev/sdc; ${MAKE}`,
    ],
    "port-differs": [
        { kind: "port-differs", ...port, found: "", "found-tls": false, saved: "tcp [::1]:4420", "saved-tls": true },
        `Port 3 is not set up, but saved is tcp [::1]:4420 with TLS; ${MAKE}`,
    ],
    "export-differs": [
        { kind: "export-differs", ...one, device: "", "saved-device": "/dev/rd5" },
        `${NQN} is there for no device, but saved is /dev/rd5; ${MAKE}`,
    ],
    "export-replaced": [
        { kind: "export-replaced", ...one, device: "/dev/rd5", uuid: "u", "saved-uuid": "v" },
        `${NQN} is there for /dev/rd5 with the UUID u, but saved is v; ${MAKE}`,
    ],
    "export-off-port": [
        { kind: "export-off-port", ...one, port: 2 },
        `${NQN} is not on port 2, where it is saved; restoring puts it there.`,
    ],
    "export-off-port-failed": [
        { kind: "export-off-port-failed", ...one, port: 2, reason: "x." },
        `${NQN} is not on port 2, where it is saved; the last restore could not put it there: x. ` +
            "Restoring tries it again, making the export persistent saves it as it is.",
    ],
    "export-unlinked": [
        { kind: "export-unlinked", ...one, port: 2, reason: "Busy." },
        `${NQN} is not on port 2 any more; putting it back is tried again: Busy.`,
    ],
    "export-open": [
        { kind: "export-open", ...one, port: 2, address: "tcp 0.0.0.0:4420" },
        `Every machine that reaches port 2 (tcp 0.0.0.0:4420) can read and write ${NQN}, by the default of an earlier ` +
            "version: name its hosts, or allow any host, to say that any is meant.",
    ],
    "export-open-loopback": [
        { kind: "export-open-loopback", ...one, port: 2, address: "tcp 127.0.0.1:4420" },
        `Every program of this host, whoever runs it, that reaches port 2 (tcp 127.0.0.1:4420) can read and write ${NQN}, ` +
            "by the default of an earlier version: name its hosts, or allow any host, to say that any is meant.",
    ],
    "export-open-name": [
        {
            ...{ kind: "export-open-name", ...one, port: 3, address: "tcp 192.0.2.1:4420" },
            ...{ hosts: "nqn.x:h, nqn.x:i, nqn.x:j", more: 2, keys: true },
        },
        "Every machine that reaches port 3 (tcp 192.0.2.1:4420) and gives the name of a host can read and write nqn.x:a: names " +
            "are no secret, and nqn.x:h, nqn.x:i, nqn.x:j and 2 more may connect without a key; give each of them a key, or deny it.",
    ],
    "export-open-name-loopback": [
        {
            ...{ kind: "export-open-name-loopback", ...one, port: 3, address: "tcp 127.0.0.1:4420" },
            ...{ hosts: "nqn.x:h", more: 0, keys: false },
        },
        "Every program of this host, whoever runs it, that reaches port 3 (tcp 127.0.0.1:4420) and gives the name of a host " +
            "can read and write nqn.x:a: names are no secret, and nqn.x:h may connect without a key; this kernel's NVMe target " +
            "has no keys, so only a port with TLS, or a network of its own, keeps others out.",
    ],
    "export-half-made": [{ kind: "export-half-made", ...one }, `${NQN} is half made; remove it and create it anew.`],
    "export-device-unsaved": [
        { kind: "export-device-unsaved", ...one, device: "rd5" },
        `${NQN} is saved, but rd5 is not, so that it cannot come again at boot.`,
    ],
    "port-unreachable": [
        { kind: "port-unreachable", ...port, address: "tcp 192.0.2.1:4420" },
        "Port 3 is tcp 192.0.2.1:4420, but no interface that is up has that address: no host reaches it until one has " +
            "it again, or the port is removed and made for another address.",
    ],
    "origin-gone": [{ kind: "origin-gone", ...cache, origin: "/dev/sdb" }, `${ORIGIN_GONE}.`],
    "origin-gone-unwritten": [
        { kind: "origin-gone-unwritten", ...cache, origin: "/dev/sdb" },
        `${ORIGIN_GONE}, and what only it holds cannot be written back.`,
    ],
    "origin-failing": [
        { kind: "origin-failing", ...cache, origin: "/dev/sdb", errors: 1 },
        "/dev/sdb, the origin of c, reported 1 I/O error since c was made or resized or its statistics were reset.",
    ],
    "cache-stopped": [
        { kind: "cache-stopped", ...cache, origin: "/dev/sdb", volume: "rd5", errno: 5 },
        "c stopped at an I/O error (errno 5) of /dev/sdb or rd5: the kernel fails all I/O to it since, and what only it " +
            "holds cannot be written back.",
    ],
    "cache-volume-unsaved": [
        { kind: "cache-volume-unsaved", ...cache, volume: "rd5" },
        "c is saved, but rd5 is not, so that it cannot come again at boot; make rd5 persistent as well, or c not persistent.",
    ],
    "bridge-port-closed": [{ kind: "bridge-port-closed", sentence: "It is closed." }, "It is closed."],
    "bridge-port-taken": [
        { kind: "bridge-port-taken", sentence: "It is taken.", port: 9118, program: "nc", pid: 7, user: "nobody" },
        "It is taken.",
    ],
};

/** Values that stand in no text under their own name: which they are part of. */
const PART_OF: Readonly<Record<string, string>> = {
    "found-tls": "found",
    "saved-tls": "saved",
    field: "fault",
    name: "entry",
    index: "entry",
    program: "holder",
    pid: "holder",
    user: "holder",
    more: "hosts",
    keys: "remedy",
};

describe("what is wrong", () => {
    for (const kind of PROBLEM_KINDS) {
        const [problem, sentence] = SAMPLES[kind];
        it(`is a sentence and values, and has a text on the page: ${kind}`, () => {
            assert.equal(problemSentence(problem), sentence);
            const details = onPage(problemDetails(problem));
            const [seen] = told([details], [sentence]);
            assert.deepEqual([seen?.kind, seen?.text], [kind, sentence]);
            if (kind === "other") return; // Only the sentence is known.
            const [text, ...names] = PROBLEMS[kind] ?? [];
            assert.ok(text, `cockpit-plugin/src/state/texts.ts has no text for ${kind}`);
            assert.deepEqual(
                [...new Set(text.match(/\$\d/g) ?? [])].sort(),
                names.map((_name, index) => `$${index}`),
                text,
            );
            // Nothing that is told is left out, and nothing is shown that is not told.
            const values = Object.keys(details).filter((name) => !["kind", "text", "type", "reason"].includes(name));
            const parts = new Set(values.map((name) => PART_OF[name] ?? name));
            assert.deepEqual([...parts].sort(), [...names].sort());
        });
    }

    it("is told for each entry and fault of a saved state, and for each piece of work", () => {
        for (const fault of Object.keys({ ...STATE_FAULTS, ...ENTRY_FAULTS })) assert.ok(FAULTS[fault], fault);
        for (const type of ["volume", "cache", "port", "export"]) assert.ok(ENTRIES[type], type);
        for (const operation of OPERATIONS) assert.ok(OPERATION_TEXTS[operation], operation);
    });

    it("stays in the service's words where it tells no values, or those of a kind that the page does not know", () => {
        assert.deepEqual(told(undefined, ["It is wrong."]), [{ kind: "", text: "It is wrong.", values: {} }]);
        const [newer] = told([{ kind: "fire", text: "It burns." }], ["It burns."]);
        assert.deepEqual([newer?.text, PROBLEMS[newer?.kind ?? ""]], ["It burns.", undefined]);
    });

    it("has each of its kinds in the reference", () => {
        const reference = readFileSync(new URL("../../../docs/dbus.md", import.meta.url), "utf8");
        for (const kind of PROBLEM_KINDS) {
            const names = [...problemDetails(SAMPLES[kind][0]).keys()].filter(
                (name) => !["kind", "text"].includes(name),
            );
            const row = reference.split("\n").find((line) => line.startsWith(`| \`${kind}\` `));
            assert.ok(row, `docs/dbus.md has no row for ${kind}`);
            for (const name of names) assert.ok(row.includes(`\`${name}\``), `${kind}: ${name}`);
        }
    });
});
