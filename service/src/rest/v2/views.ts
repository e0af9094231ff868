// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash } from "node:crypto";
import { INTERFACE, type ObjectKind } from "../../facts/busnames.js";
import { renderJson, type InterfaceSpec, type Plain } from "../../client/index.js";
import { interfaces } from "../../generated/specs.js";
import type { BridgeContext } from "../context.js";
import { refusal } from "../errors.js";
import type { Ready } from "../fastpath.js";
import type { ObjectProperties } from "../state/objectcache.js";
import { kinds } from "./operations.js";
import { urlOf, viewOf } from "./schemas.js";

/** What a resource looks like now. */
export interface View {
    text: string | Buffer;
    /** Entity tag, with its quotes: STATE, or STATE.USAGE where statistics that always change are shown as well. */
    etag: string;
}

type KeptView = View & Ready;

const WHAT: Readonly<Record<ObjectKind, string>> = {
    volumes: "volume",
    caches: "cache mapping",
    ports: "port",
    exports: "export",
    jobs: "job",
};

function hash(text: string | Buffer): string {
    return createHash("sha1").update(text).digest("base64url").slice(0, 16);
}

/** Makes the entity tag of a text that counts as a whole. */
export function tagOf(text: string | Buffer): string {
    return `"${hash(text)}"`;
}

/** Whether an If-Match header names a state; the part of a tag after the dot does not count. */
function namesState(header: string, state: string): boolean {
    return header.split(",").some((tag) => {
        const trimmed = tag.trim();
        return trimmed === "*" || /^"([^".]*)(?:\.[^"]*)?"$/.exec(trimmed)?.[1] === state;
    });
}

/** Shows objects as JSON, from the object cache. */
export class Views {
    private readonly specs = new Map<ObjectKind, InterfaceSpec>(kinds().map(({ kind, spec }) => [kind, spec]));
    private readonly lists = new Map<ObjectKind, { objects: number; polled: number; view: KeptView }>();

    private readonly listTags = new Map<ObjectKind, { objects: number; tag: string }>();

    constructor(private readonly context: BridgeContext) {}

    /** The list of a kind when it was made since something changed, and nothing has to be waited for. */
    ready(kind: ObjectKind): KeptView | undefined {
        const { objects, polled } = this.context;
        const isFresh = objects.present && !(kind === "volumes" && polled.volumes.get() instanceof Promise);
        const made = this.lists.get(kind);
        return isFresh &&
            made?.objects === objects.revision &&
            (kind !== "volumes" || made.polled === polled.volumes.revision)
            ? made.view
            : undefined;
    }

    /** Gives the list of a kind; made again only when something changed. */
    async list(kind: ObjectKind): Promise<View> {
        const { objects, polled } = this.context;
        await objects.whenPresent();
        const read = kind === "volumes" ? await polled.volumes.get() : undefined;
        const made = this.ready(kind);
        if (made !== undefined) {
            return made;
        }
        const items = [...objects.all(kind)].map(([path, properties]) =>
            this.plain(kind, path, this.fresh(properties, read)),
        );
        const text = Buffer.from(renderJson({ items }, 0));
        const state = this.listTag(kind);
        const etag = read === undefined ? `"${state}"` : `"${state}.${hash(text)}"`;
        const view = { text, etag, headers: { etag, "cache-control": "no-cache" } };
        this.lists.set(kind, { objects: objects.revision, polled: polled.volumes.revision, view });
        return view;
    }

    /** Gives one object. @throws HttpError 404 */
    async one(kind: ObjectKind, name: string): Promise<View & { text: string }> {
        const { objects, polled } = this.context;
        await objects.whenPresent();
        const read = kind === "volumes" ? await polled.volumes.get() : undefined;
        const found = this.find(kind, name);
        const state = this.stateTag(kind, found.path, found.properties);
        const text = renderJson(this.plain(kind, found.path, this.fresh(found.properties, read)), 0);
        return { text, etag: read === undefined ? `"${state}"` : `"${state}.${hash(text)}"` };
    }

    /** Gives the service itself. */
    async status(): Promise<View> {
        const { objects, polled } = this.context;
        await objects.whenPresent();
        const root = { ...(await polled.root.get()), ...objects.root } as Record<string, unknown>;
        for (const [name, { emits }] of Object.entries(interfaces[INTERFACE.manager]!.properties)) {
            if (emits === "false") {
                root[name] = ((await polled.root.get()) as unknown as Record<string, unknown>)[name];
            }
        }
        const text = renderJson({ self: "/v2/status", ...viewOf(interfaces[INTERFACE.manager]!, root) }, 0);
        return { text, etag: tagOf(text) };
    }

    /** Finds an object with its path. @throws HttpError 404 */
    find(kind: ObjectKind, name: string): { path: string; properties: ObjectProperties } {
        const found = this.context.objects.byName(kind, name);
        if (found === undefined) {
            throw refusal("NotFound", `There is no ${WHAT[kind]} ${name}.`);
        }
        return found;
    }

    /** Whether the state of an object is one of those that an If-Match header names; statistics do not count. */
    matches(header: string, kind: ObjectKind, path: string, properties: ObjectProperties): boolean {
        return namesState(header, this.stateTag(kind, path, properties));
    }

    /** The same for the list of a kind: its members and their states count, statistics do not. */
    matchesList(header: string, kind: ObjectKind): boolean {
        return namesState(header, this.listTag(kind));
    }

    /** Turns an object into JSON. */
    plain(kind: ObjectKind, path: string, properties: ObjectProperties): Plain {
        const spec = this.specs.get(kind);
        return { self: urlOf(path), ...(spec === undefined ? {} : viewOf(spec, properties)) };
    }

    /** Turns an object into JSON, without statistics that are not signalled: the object cache has them as they were first seen. */
    signalled(kind: ObjectKind, path: string, properties: ObjectProperties): Plain {
        const names = Object.entries(this.specs.get(kind)?.properties ?? {}).filter(
            ([, { emits }]) => emits !== "false",
        );
        return this.plain(kind, path, Object.fromEntries(names.map(([name]) => [name, properties[name]])));
    }

    private stateTag(kind: ObjectKind, path: string, properties: ObjectProperties): string {
        return hash(renderJson(this.signalled(kind, path, properties), 0));
    }

    private listTag(kind: ObjectKind): string {
        const { objects } = this.context;
        let made = this.listTags.get(kind);
        if (made?.objects !== objects.revision) {
            const items = [...objects.all(kind)].map(([path, properties]) => this.signalled(kind, path, properties));
            made = { objects: objects.revision, tag: hash(renderJson({ items }, 0)) };
            this.listTags.set(kind, made);
        }
        return made.tag;
    }

    /** Puts the statistics that are not signalled over those from when the object was first seen. */
    private fresh(
        properties: ObjectProperties,
        read: ReadonlyMap<string, { Used: bigint; Errors: bigint }> | undefined,
    ): ObjectProperties {
        const now = read?.get(properties.Name as string);
        return now === undefined ? properties : { ...properties, Used: now.Used, Errors: now.Errors };
    }
}
