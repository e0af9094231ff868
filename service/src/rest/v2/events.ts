// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ServerResponse } from "node:http";
import { INTERFACE } from "../../facts/busnames.js";
import { wallClock } from "../../clock.js";
import { renderJson, type Plain } from "../../client/index.js";
import { type PlaceHolder, Places } from "../access/places.js";
import { type BridgeContext, listenerOf } from "../context.js";
import { refusal } from "../errors.js";
import type { ObjectChange } from "../state/objectcache.js";
import { urlOf } from "./schemas.js";
import { Views } from "./views.js";

/** Most readers at once: those that have authenticated, and those that have not. */
const MOST = { known: 32, unknown: 48 };
/** Most events that are kept for a reader that reconnects; most bytes that a slow reader may leave unread. */
const REMEMBERED = 512;
const MOST_UNREAD = 256 * 1024;
const BEAT_MS = 15_000;

/** Streams what changes as server-sent events (HTML Living Standard, section 9.2). */
export class EventStreams {
    private readonly readers = new Map<ServerResponse, FastifyRequest>();
    /** Readers share their places with those of their kind, so that no user of this host has them all. */
    private readonly places = {
        known: new Places<FastifyRequest>(MOST.known, 0, (readers) =>
            readers.map(({ identity }) => holder(identity.name)),
        ),
        unknown: new Places<FastifyRequest>(MOST.unknown, 0, (readers) =>
            this.context.peers.keysOf(readers.map(({ raw }) => raw.socket)).map(holder),
        ),
    };
    /** Those who at the last beat had not taken all that was sent to them. */
    private behind = new Set<ServerResponse>();
    private readonly past: { id: number; text: string }[] = [];
    private readonly views: Views;
    private readonly beat = setInterval(() => this.keepAlive(), BEAT_MS);
    /** Ids go on over a restart, so that an old one is never taken for a new one. */
    private last = wallClock() * 1000;

    constructor(private readonly context: BridgeContext) {
        this.views = new Views(context);
        this.beat.unref();
        const { objects } = context;
        objects.on("change", (change: ObjectChange) => this.tell(change));
        objects.on("root", (name: string) => {
            if (name === INTERFACE.tokens) {
                void this.lookAgain();
            } else {
                this.put("changed", { self: "/v2/status" });
            }
        });
        objects.on("present", () => {
            this.put("reset", { reason: "everything was read anew" });
            void this.lookAgain();
        });
        objects.on("gone", () => this.put("gone", { reason: "the service has ended" }));
    }

    /** Streams that are open now. */
    get open(): number {
        return this.readers.size;
    }

    /** Adds the route. */
    add(app: FastifyInstance): void {
        const schema = {
            summary:
                "What changes, as server-sent events: added, changed, removed, reset (read everything again), gone",
            tags: ["v2"],
            response: { 200: { type: "string", contentMediaType: "text/event-stream" } },
        };
        app.get("/v2/events", { schema, exposeHeadRoute: false, config: { stream: true } }, async (request, reply) => {
            await this.context.objects.whenPresent();
            this.takePlace(request);
            reply.hijack();
            this.start(request, reply.raw, Number(request.headers["last-event-id"] ?? NaN));
        });
    }

    /** Ends every stream. */
    close(): void {
        clearInterval(this.beat);
        for (const reader of this.readers.keys()) {
            reader.end();
        }
    }

    /** @throws HttpError 429 when the one who asks has most of the places, and all are taken */
    private takePlace(request: FastifyRequest): void {
        const places = this.placesFor(request);
        places.add(request);
        const lost = places.overflow();
        if (lost.includes(request)) {
            throw refusal("LimitsExceeded", `There are ${places.most} readers of events already, most of them yours.`);
        }
        for (const [reader, one] of this.readers) {
            if (lost.includes(one)) {
                reader.end();
            }
        }
    }

    private placesFor({ identity }: FastifyRequest): Places<FastifyRequest> {
        return identity.known ? this.places.known : this.places.unknown;
    }

    /** Ends the streams of those who might not open one any more: whose token was revoked, or has expired. */
    private async lookAgain(): Promise<void> {
        for (const [response, request] of [...this.readers]) {
            if (!(await this.context.guard.stillAdmits(request.raw, listenerOf(request.raw), "read"))) {
                response.end();
            }
        }
    }

    /** Keeps streams open that nothing is to be said on, except where nobody reads, or may read any more. */
    private keepAlive(): void {
        const behind = new Set<ServerResponse>();
        for (const reader of this.readers.keys()) {
            if (reader.writableLength === 0) {
                reader.write(": \n\n");
            } else if (this.behind.has(reader)) {
                reader.destroy();
            } else {
                behind.add(reader);
            }
        }
        this.behind = behind;
        void this.lookAgain();
    }

    private start(request: FastifyRequest, response: ServerResponse, seen: number): void {
        response.writeHead(200, {
            "content-type": "text/event-stream",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        });
        this.readers.set(response, request);
        const leave = (): void => {
            this.readers.delete(response);
            this.placesFor(request).delete(request);
        };
        response.on("close", leave).on("error", leave);
        if (response.destroyed) {
            leave(); // It left while the service was waited for.
        }
        const missed = this.past.filter(({ id }) => id > seen);
        // An id that was not given yet was given by another bridge, before the clock was set back.
        const whole = seen === this.last || (seen < this.last && (this.past[0]?.id ?? Infinity) <= seen);
        response.write("retry: 2000\n\n");
        if (!Number.isNaN(seen)) {
            response.write(
                whole
                    ? missed.map(({ text }) => text).join("")
                    : frame(this.last, "reset", { reason: "events were missed" }),
            );
        }
    }

    private tell({ what, path, kind }: ObjectChange): void {
        const properties = this.context.objects.all(kind).get(path);
        this.put(what, properties === undefined ? { self: urlOf(path) } : this.views.signalled(kind, path, properties));
    }

    private put(event: string, data: Plain): void {
        const id = ++this.last;
        const text = frame(id, event, data);
        this.past.push({ id, text });
        if (this.past.length > REMEMBERED) {
            this.past.shift();
        }
        this.send(text);
    }

    private send(text: string): void {
        for (const reader of this.readers.keys()) {
            if (reader.writableLength > MOST_UNREAD) {
                reader.destroy(); // It comes back with Last-Event-ID and gets what it missed.
            } else {
                reader.write(text);
            }
        }
    }
}

const holder = (key: string): PlaceHolder => ({ key, isKnown: false, isBusy: false });

function frame(id: number, event: string, data: Plain): string {
    return `id: ${id}\nevent: ${event}\ndata: ${renderJson(data, 0)}\n\n`;
}
