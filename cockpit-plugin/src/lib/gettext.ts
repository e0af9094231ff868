// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit from "cockpit";
import { isolated } from "./bidi.js";

export { N_ } from "./mark.js";

/** The text in the language of the session. Only whole sentences and labels, as literals in double quotes. */
export const _ = (text: string): string => cockpit.gettext(text);

/** The text in one of the language's plural forms; `$0` in it is for `format`. */
export const ngettext = (one: string, many: string, count: number): string => cockpit.ngettext(one, many, count);

/** Puts arguments in place of `$0`, `$1`, …; a name or a path among words of another script stays as it is. */
export const format = (template: string, ...args: (string | number)[]): string =>
    cockpit.format(template, ...args.map((one) => (typeof one === "string" ? isolated(one) : one)));
