// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the page says of each kind of user and problem that the service tells of (UserDetails, ProblemDetails). */
import { N_ } from "../lib/mark.js";

/** What uses a device; $0: its name. */
export const USERS: Readonly<Record<string, string>> = {
    mount: N_("mounted on $0"),
    journal: N_("journal or log of the filesystem on $0"),
    btrfs: N_("part of a mounted btrfs filesystem"),
    swap: N_("swap"),
    loop: N_("backing file of $0"),
    export: N_("exported as $0"),
    "export-off": N_("exported as $0 (switched off)"),
    scsi: N_("exported by the SCSI target as $0"),
    cache: N_("cache of $0"),
    origin: N_("origin of $0"),
    holder: N_("held by $0"),
};

/** A text of a problem, and the values that stand in it for $0, $1, … */
export type ProblemText = readonly [text: string, ...values: string[]];

/** What is wrong. A `reason`, which others worded, is shown behind it. */
export const PROBLEMS: Readonly<Record<string, ProblemText>> = {
    "state-unreadable": [N_("The saved state $0 could not be read ($1)."), "path", "errno"],
    "state-too-large": [
        N_("The saved state $0 is damaged (it is larger than $1). Repair it or move it away."),
        "path",
        "limit",
    ],
    "state-damaged": [N_("The saved state $0 is damaged ($1). Repair it or move it away."), "path", "fault"],
    "state-newer": [
        N_(
            "The saved state $0 has the format $1, of a newer version; this one reads the format $2. Install the version that wrote it, or move it away.",
        ),
        "path",
        "format",
        "known",
    ],
    "state-older": [
        N_(
            "The saved state $0 has the format $1, of an older version; this one reads the format $2. Install the version that wrote it, or move it away.",
        ),
        "path",
        "format",
        "known",
    ],
    "entry-unusable": [
        N_("In the saved state $0 the entry of $1 cannot be used ($2). It is kept as it is: repair or remove it."),
        "path",
        "entry",
        "fault",
    ],
    "notes-unreadable": [N_("Notes of unfinished work in $0 could not be read ($1)."), "path", "errno"],
    "note-unreadable": [
        N_("The note $0 of unfinished work could not be read ($1). The next start of the service tries again."),
        "path",
        "errno",
    ],
    "work-interrupted": [
        N_("$0: \u201c$1\u201d was interrupted and is not put in order yet. It is tried again."),
        "object",
        "operation",
    ],
    "work-failed": [N_("$0: \u201c$1\u201d failed and could not be undone. It is tried again."), "object", "operation"],
    "host-stuck": [
        N_("The host $0, which nothing allows any more, could not be removed. It is tried again."),
        "object",
    ],
    missing: [N_("$0 is saved, but is not there. Make it again, or forget it to drop what is saved."), "object"],
    "missing-needs": [
        N_(
            "$0 is saved, but is not there, and $1, which it needs, is neither there nor saved. Create that, or forget $0.",
        ),
        "object",
        "needs",
    ],
    "missing-needs-ports": [
        N_("$0 is saved, but is not there, and its ports ($1) are neither there nor saved. Create them, or forget $0."),
        "object",
        "ports",
    ],
    "missing-failed": [
        N_(
            "$0 is saved, but is not there, and could not be made when that was tried last. Make it again, or forget it.",
        ),
        "object",
    ],
    "missing-other-volume": [
        N_(
            "$0 is saved, but is not there. It is not made, since $1 is another volume than is saved. Put that right and make it again, or forget $0.",
        ),
        "object",
        "volume",
    ],
    "missing-other-size": [
        N_(
            "$0 is saved, but is not there. It is not made, since $1 is another volume: it has $2, saved are $3. Put that right and make it again, or forget $0.",
        ),
        "object",
        "volume",
        "size",
        "saved-size",
    ],
    "missing-volume-used": [
        N_(
            "$0 is saved, but is not there. It is not made, since $1 holds $2, which a cache would destroy. Erase $1 and make it again, or forget $0.",
        ),
        "object",
        "volume",
        "used",
    ],
    "missing-other-cache": [
        N_(
            "$0 is saved, but is not there. It is not made, since $1 is another cache than is saved. Put that right and make it again, or forget $0.",
        ),
        "object",
        "cache",
    ],
    "volume-replaced": [
        N_("$0 is another volume than is saved. Remove it and make the saved one again, or save it as it is."),
        "object",
    ],
    "volume-differs": [
        N_(
            "$0 is another volume than is saved: it has $1, saved are $2. Remove it and make the saved one again, or save it as it is.",
        ),
        "object",
        "size",
        "saved-size",
    ],
    "volume-unlocked": [
        N_(
            "$0 is saved as locked, but can be written to. Making saved objects again locks it; unlocking it saves that.",
        ),
        "object",
    ],
    "cache-differs": [
        N_(
            "$0 is there on $1 for $2, but saved is $3 for $4. Remove it and make the saved one again, or save it as it is.",
        ),
        "object",
        "volume",
        "origin",
        "saved-volume",
        "saved-origin",
    ],
    "port-differs": [
        N_("$0 is $1, but saved is $2. Remove it and make the saved one again, or save it as it is."),
        "object",
        "found",
        "saved",
    ],
    "export-differs": [
        N_("$0 is there for $1, but saved is $2. Remove it and make the saved one again, or save it as it is."),
        "object",
        "device",
        "saved-device",
    ],
    "export-replaced": [
        N_(
            "$0 is there for $1 with the UUID $2, but saved is $3. Remove it and make the saved one again, or save it as it is.",
        ),
        "object",
        "device",
        "uuid",
        "saved-uuid",
    ],
    "export-off-port": [
        N_("$0 is saved for port $1, but is not on it. Making saved objects again puts it there."),
        "object",
        "port",
    ],
    "export-off-port-failed": [
        N_(
            "$0 is saved for port $1, but could not be put on it when that was tried last. Make saved objects again, or save the export as it is.",
        ),
        "object",
        "port",
    ],
    "export-unlinked": [N_("$0 is not on port $1 any more. Putting it back is tried again."), "object", "port"],
    "export-open": [
        N_(
            "Every machine that reaches port $1 ($2) can read and write $0, by the default of an earlier version. Name its hosts, or allow any host, to say that any is meant.",
        ),
        "object",
        "port",
        "address",
    ],
    "export-open-loopback": [
        N_(
            "Every program of this host that reaches port $1 ($2), no matter which user runs it, can read and write $0, by the default of an earlier version. Name its hosts, or allow any host, to say that any is meant.",
        ),
        "object",
        "port",
        "address",
    ],
    "export-open-name": [
        N_(
            "Every machine that reaches port $1 ($2) and gives the name of a host can read and write $0. Names are no secret, and $3 may connect without a key. $4",
        ),
        "object",
        "port",
        "address",
        "hosts",
        "remedy",
    ],
    "export-open-name-loopback": [
        N_(
            "Every program of this host that reaches port $1 ($2), no matter which user runs it, and gives the name of a host can read and write $0. Names are no secret, and $3 may connect without a key. $4",
        ),
        "object",
        "port",
        "address",
        "hosts",
        "remedy",
    ],
    "export-half-made": [N_("$0 is incomplete. Remove it and create it again."), "object"],
    "export-device-unsaved": [
        N_("$0 is saved, but $1 is not, so that it cannot be restored at boot."),
        "object",
        "device",
    ],
    "port-unreachable": [
        N_(
            "$0 is $1, but no network interface that is up has that address. No host reaches it until one has it again, or the port is removed and made for another address.",
        ),
        "object",
        "address",
    ],
    "origin-gone": [
        N_("$1, the disk behind $0, is gone. What $0 does not hold can neither be read nor written."),
        "object",
        "origin",
    ],
    "origin-gone-unwritten": [
        N_(
            "$1, the disk behind $0, is gone. What $0 does not hold can neither be read nor written, and what only it holds cannot be written back.",
        ),
        "object",
        "origin",
    ],
    "origin-failing": [
        N_(
            "$1, the disk behind $0, reported I/O errors since $0 was made or resized or its statistics were reset: $2.",
        ),
        "object",
        "origin",
        "errors",
    ],
    "cache-stopped": [
        N_(
            "$0 stopped at an I/O error of $1 or $2 (errno $3). All I/O to it fails since, and what only it holds cannot be written back.",
        ),
        "object",
        "origin",
        "volume",
        "errno",
    ],
    "cache-volume-unsaved": [
        N_("$0 is saved, but $1 is not, so that it cannot be restored at boot. Save $1 as well, or do not save $0."),
        "object",
        "volume",
    ],
    "bridge-port-closed": [
        N_("The port of the HTTP bridge could not be opened: systemctl status rapiddisk-rest.socket says why."),
    ],
    "bridge-port-taken": [
        N_(
            "Port $0 is taken by $1, so that the HTTP bridge does not answer there; tokens that are sent there reach that program. Once it is free: systemctl restart rapiddisk-rest.socket",
        ),
        "port",
        "holder",
    ],
};

/** Why a saved state or an entry of it cannot be used; $0: the field that it is about. */
export const FAULTS: Readonly<Record<string, string>> = {
    "not-json": N_("it is not JSON"),
    "not-object": N_("it is not an object"),
    "no-format": N_("it names no format"),
    "no-storage": N_("volumes or caches are not a list"),
    "no-target": N_("ports or exports are not a list"),
    "no-identities": N_("what the identities of exports are made of is malformed"),
    missing: N_("$0 is missing"),
    malformed: N_("$0 is malformed"),
    twice: N_("there is another one of it before"),
};

/** Entries of the saved state, by what they are of; $0: its name or number. */
export const ENTRIES: Readonly<Record<string, string>> = {
    volume: N_("volume $0"),
    cache: N_("cache $0"),
    port: N_("port $0"),
    export: N_("export $0"),
};

/** What the service does as one piece of work. */
export const OPERATIONS: Readonly<Record<string, string>> = {
    "cache-create": N_("Creating a cache"),
    "cache-flush": N_("Writing cached data to the disk"),
    "cache-mode": N_("Changing the mode of a cache"),
    "cache-persist": N_("Saving a cache for each boot"),
    "cache-remove": N_("Removing a cache"),
    "cache-resize": N_("Changing the size of a cache"),
    "export-add-port": N_("Putting an export on a port"),
    "export-allow-host": N_("Letting a host in"),
    "export-any-host": N_("Letting any host in, or no longer"),
    "export-create": N_("Creating an export"),
    "export-deny-host": N_("Shutting a host out"),
    "export-enable": N_("Switching an export on or off"),
    "export-host-keys": N_("Changing the key of a host"),
    "export-persist": N_("Saving an export for each boot"),
    "export-remove": N_("Removing an export"),
    "export-remove-port": N_("Taking an export off a port"),
    "export-revalidate": N_("Telling hosts the size of an export"),
    "port-create": N_("Creating a port"),
    "port-persist": N_("Saving a port for each boot"),
    "port-remove": N_("Removing a port"),
    "volume-create": N_("Creating a volume"),
    "volume-erase": N_("Erasing a volume"),
    "volume-lock": N_("Locking or unlocking a volume"),
    "volume-persist": N_("Saving a volume for each boot"),
    "volume-remove": N_("Removing a volume"),
    "volume-resize": N_("Changing the size of a volume"),
};
