// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { href } from "../lib/hash.js";
import { listedKinds, nameOf, type ListedKind } from "../state/list.js";
import type { ObjectOf } from "../state/objects.js";
import { useStore } from "../state/use.js";

/** The page of an object, called by its name. */
export function ObjectLink<K extends ListedKind>({ kind, it }: { kind: K; it: ObjectOf[K] }) {
    const name = nameOf(kind, it);
    return (
        <a href={href([kind, name])} data-test="name">
            {name}
        </a>
    );
}

/** The page of the object at a path; what it is called otherwise while there is none. */
export function PathLink({ path, otherwise = "" }: { path: string; otherwise?: string }) {
    const kind = listedKinds.find((one) => path.includes(`/${one}/`));
    const name = useStore((state) => {
        const it = kind && state[kind].get(path);
        return kind && it ? nameOf(kind, it as never) : undefined;
    });
    if (kind === undefined || name === undefined) return <>{otherwise}</>;
    return (
        <a href={href([kind, name])} data-path={path}>
            {name}
        </a>
    );
}
