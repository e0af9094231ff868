// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useEffect, useState } from "react";
import { explain, type Explanation } from "../../bus/errors.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { plain } from "../../bus/plain.js";
import { read } from "../../bus/read.js";
import { listed } from "../../lib/bidi.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { told, type Details, type Detail } from "../../state/details.js";
import { useStore } from "../../state/use.js";
import { userWords } from "../../state/words.js";
import type { Choice } from "../base/choice.js";

/** A block device of the host. */
interface Device {
    readonly path: string;
    readonly size: number;
    readonly vendor: string;
    readonly model: string;
    readonly type: string;
    readonly users: readonly Detail[];
    readonly cacheable: boolean;
    /** Whether it is a cache itself. */
    readonly cache: boolean;
}

/** Block devices of the host as they were when the dialog opened. */
export interface Devices {
    /** null until they are known. */
    readonly list: readonly Device[] | null;
    readonly failure: Explanation | null;
}

/** Asks the service once for the block devices of the host. */
export function useDevices(): Devices {
    const caches = useStore((state) => state.caches);
    const [devices, setDevices] = useState<Devices>({ list: null, failure: null });
    useEffect(() => {
        read(ROOT, SERVICE, "GetResources", {}).then(
            (answer) => setDevices({ list: answer.map(device), failure: null }),
            (error: unknown) => setDevices({ list: [], failure: explain(error) }),
        );
    }, []);
    const known = new Set([...caches.values()].map(({ Device: path }) => path));
    return { ...devices, list: devices.list?.map((one) => ({ ...one, cache: known.has(one.path) })) ?? null };
}

function device(answer: Readonly<Record<string, { readonly v: unknown }>>): Device {
    const text = (key: string): string => ((answer[key]?.v ?? "") as string).trim();
    return {
        path: text("path"),
        size: Number(answer["size"]?.v ?? 0),
        vendor: text("vendor"),
        model: text("model"),
        type: text("type"),
        users: told(
            plain(answer["user-details"]?.v) as readonly Details[] | undefined,
            (answer["users"]?.v ?? []) as string[],
        ),
        cacheable: answer["cacheable"]?.v === true,
        cache: false,
    };
}

function excuse({ users, type, cacheable }: Device): string {
    if (users.length > 0) return format(_("in use: $0"), listed(users.map(userWords)));
    if (type === "ram") return _("a RAM disk needs no cache");
    return cacheable ? "" : _("a medium that cannot be written to");
}

/** Devices to choose the source of a cache from: usable ones first, caches behind them, then others with the reason why not. */
export function sources(devices: readonly Device[]): Choice[] {
    const choices = devices.map((one) => ({
        value: one.path,
        label: listed(
            [one.path, bytes(one.size), one.cache ? _("a cache already") : `${one.vendor} ${one.model}`.trim()].filter(
                Boolean,
            ),
        ),
        excuse: excuse(one),
        last: one.cache,
    }));
    const rank = ({ excuse: why, last }: (typeof choices)[number]): number => (why !== "" ? 2 : last ? 1 : 0);
    return choices.sort((a, b) => rank(a) - rank(b));
}
