// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { CockpitError } from "cockpit";
import { _ } from "../lib/gettext.js";
import { errorKind, type ErrorKind } from "./errorkind.js";

/** An error in words. */
export interface Explanation {
    readonly kind: ErrorKind;
    /** What happened. */
    readonly title: string;
    /** What a person can do now. */
    readonly next: string;
    /** What the service or the bridge said, as it said it; empty when it said nothing. */
    readonly detail: string;
}

const words = (): Readonly<Record<ErrorKind, readonly [title: string, next: string]>> => ({
    Failed: [
        _("The kernel refused the change"),
        _("The cause is named below, and the service's log on this page may say more. Remove it and try again."),
    ],
    InvalidArgument: [_("A value cannot be right"), _("Correct what is named below and try again.")],
    UnknownOption: [
        _("The service does not know a part of the request"),
        _("The page and the service are of different versions: update both and reload the page."),
    ],
    NotFound: [
        _("Something that is named was not found"),
        _("It was removed or renamed meanwhile, or is not on this host at all. The service names it below."),
    ],
    AlreadyExists: [_("The name or number is taken"), _("Choose another one, or leave it to the service.")],
    Busy: [
        _("It is in use"),
        _("Stop what uses it first: unmount, switch off swap, remove the cache or the export. Then try again."),
    ],
    NotSupported: [
        _("This host cannot do that now"),
        _("A kernel module or feature is missing. Load the modules from the overview, or install what is named below."),
    ],
    NoMemory: [
        _("There is not enough memory"),
        _(
            "Choose a smaller size, or shrink or remove another volume. The limit is set in the service's configuration.",
        ),
    ],
    NotAuthorized: [
        _("You are not allowed to do that"),
        _("Turn on administrative access in the header of the console, or ask an administrator. Then try again."),
    ],
    Cancelled: [_("The work was stopped"), _("What was done is left in a whole state. You can start it again.")],
    TimedOut: [
        _("The kernel did not answer in time"),
        _("A device may hang. Look at the system's log, and try again once the device answers."),
    ],
    LimitsExceeded: [_("Too much at once"), _("Wait until other work has ended and try again.")],
    NoReply: [
        _("The service did not answer"),
        _(
            "It may have been restarted, and the change may have been made or not. Look at the list before you try again.",
        ),
    ],
    Stopped: [
        _("The service does not run"),
        _("It is started by the next request. Try again; if that fails, look at its log in Services."),
    ],
    NotInstalled: [
        _("The service is not installed or cannot be started"),
        _("Install the rapiddisk package, or look at rapiddiskd.service in Services."),
    ],
    OtherVersion: [
        _("The service does not know this request"),
        _("The page and the service are of different versions: update both and reload the page."),
    ],
    Disconnected: [
        _("The connection to the host was lost"),
        _("The change may have been made or not. Wait until the page is connected again and look at the list."),
    ],
});

/** Puts the error of a call into words: what happened, what to do next, and what was said. */
export function explain(error: unknown): Explanation {
    const { name, problem, message } = (error ?? {}) as CockpitError;
    const kind = errorKind(name, problem);
    const [title, next] = words()[kind];
    return { kind, title, next, detail: message ?? (problem || "") };
}
