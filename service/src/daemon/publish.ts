// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ROOT } from "../facts/busnames.js";
import type { BusService } from "../bus/index.js";
import {
    cacheInterface,
    exportInterface,
    jobInterface,
    managerInterface,
    portInterface,
    volumeInterface,
} from "../generated/specs.js";
import { problemSentence } from "../model/problems.js";
import type { Cache, Export, Host, JobView, Port, StateListener, Volume } from "../model/types.js";
import { cacheObject, cacheProperties } from "./cache.js";
import type { HandlerContext } from "./handlers.js";
import { exportObject, exportProperties } from "./export.js";
import { log } from "./log.js";
import { jobObject, jobProperties } from "./job.js";
import { hostProperties, managerObject } from "./manager.js";
import { objectPath } from "./names.js";
import { portObject, portProperties } from "./port.js";
import { tokensObject } from "./tokens.js";
import type { TokenStore } from "./tokenstore.js";
import { usageSource, volumeObject, volumeProperties } from "./volume.js";

/** Puts the whole state onto the bus, and from then on every difference that the model tells of. */
export function publish(service: BusService, context: HandlerContext, tokens: TokenStore): void {
    const { model } = context;
    service.addObject(ROOT, [managerObject(context), tokensObject(service, context, tokens)]);
    const listener = new Publisher(service, context);
    for (const volume of model.state.volumes.values()) {
        listener.added("volume", volume.name, volume);
    }
    for (const cache of model.state.caches.values()) {
        listener.added("cache", cache.name, cache);
    }
    for (const [id, port] of model.state.ports) {
        listener.added("port", id, port);
    }
    for (const [nqn, one] of model.state.exports) {
        listener.added("export", nqn, one);
    }
    model.listen(listener);
    context.bridgePort.follow(() => {
        context.bridgePort.problems.forEach((problem) => log("warning", problemSentence(problem)));
        listener.changed("host", "", model.state.host);
    });
}

class Publisher implements StateListener {
    private readonly usage;

    constructor(
        private readonly service: BusService,
        private readonly context: HandlerContext,
    ) {
        this.usage = usageSource(context.model);
    }

    added(kind: string, id: string, object: unknown): void {
        switch (kind) {
            case "volume":
                this.service.addObject(objectPath(kind, id), [
                    volumeObject(this.context, object as Volume, this.usage),
                ]);
                break;
            case "cache":
                this.service.addObject(objectPath(kind, id), [cacheObject(this.context, object as Cache)]);
                break;
            case "port":
                this.service.addObject(objectPath(kind, id), [portObject(this.context, object as Port)]);
                break;
            case "export":
                this.service.addObject(objectPath(kind, id), [exportObject(this.context, object as Export)]);
                break;
            case "job":
                this.service.addObject(objectPath(kind, id), [jobObject(this.context, object as JobView)]);
                break;
        }
    }

    changed(kind: string, id: string, object: unknown): void {
        switch (kind) {
            case "volume":
                this.put(objectPath(kind, id), volumeInterface.name, volumeProperties(object as Volume));
                break;
            case "cache":
                this.put(objectPath(kind, id), cacheInterface.name, cacheProperties(object as Cache));
                break;
            case "port":
                this.put(objectPath(kind, id), portInterface.name, portProperties(object as Port));
                break;
            case "export":
                this.put(objectPath(kind, id), exportInterface.name, exportProperties(object as Export));
                break;
            case "job":
                this.put(objectPath(kind, id), jobInterface.name, jobProperties(object as JobView));
                break;
            case "host":
                this.put(ROOT, managerInterface.name, hostProperties(object as Host, this.context.bridgePort.problems));
                break;
        }
    }

    removed(kind: string, id: string): void {
        if (kind === "volume" || kind === "cache" || kind === "port" || kind === "export" || kind === "job") {
            this.service.removeObject(objectPath(kind, id));
        }
    }

    private put(path: string, interfaceName: string, values: Record<string, unknown>): void {
        this.service.setProperties(path, interfaceName, values);
    }
}
