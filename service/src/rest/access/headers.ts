// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isLoopback } from "../settings.js";

/**
 * Whether a request says once whom it is for: it has no second Host header and no host in its target, either of which
 * another program on the way may believe in place of the one that is looked at (RFC 9112 section 3.2).
 */
export function isUnambiguous({ url, rawHeaders }: Pick<IncomingMessage, "url" | "rawHeaders">): boolean {
    let hosts = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
        const name = rawHeaders[index]!;
        hosts += name.length === 4 && name.toLowerCase() === "host" ? 1 : 0;
    }
    return hosts <= 1 && url?.startsWith("/") === true;
}

/**
 * Whether a Host header names this bridge. A page of another site that had its name point to 127.0.0.1 sends its own name
 * (DNS rebinding), so names that were not allowed are refused.
 * @param allowed names from the settings, in lower case
 * @param local address on which the connection came in
 */
export function isAllowedHost(host: string | undefined, allowed: readonly string[], local: string): boolean {
    const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?$/.exec(host ?? "");
    const name = (match?.[1] ?? match?.[2] ?? "").toLowerCase();
    if (name === "") {
        return false;
    }
    const plainLocal = local.replace(/^::ffff:/i, "");
    return isLoopback(plainLocal) && isLoopback(name) ? true : name === plainLocal || allowed.includes(name);
}

/**
 * Whether a proxy says that it passes on what somebody else has asked (RFC 7239, RFC 9110 section 7.6.3, and the usual headers
 * before them): where the connection comes from says nothing of that one.
 */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
    for (const name in headers) {
        if (name.startsWith("x-forwarded") || name === "via" || name === "forwarded" || name === "x-real-ip") {
            return true;
        }
    }
    return false;
}

/** Whether a browser says that a page of another site made it ask (Fetch Metadata; RFC 6454 for Origin). */
export function isCrossSite(headers: IncomingHttpHeaders, secure: boolean): boolean {
    const site = headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && site !== "none") {
        return true;
    }
    const { origin } = headers;
    return (
        origin !== undefined &&
        origin.toLowerCase() !== `${secure ? "https" : "http"}://${headers.host ?? ""}`.toLowerCase()
    );
}
