// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Outbox } from "../connection/outbox.js";
import { type BodyWriter, emptyHeader, MessageType, values } from "../wire/header.js";
import { type ExportedInterface, type ExportedObject, writeProperty } from "./exported.js";
import { objectManagerInterface, propertiesInterface } from "./standard.js";

/**
 * Signals on their way out. Changes of properties are collected and sent once a turn of the event loop, or earlier when
 * something is sent that must come after them.
 */
export class Signals {
    private readonly dirty = new Map<ExportedObject, Map<ExportedInterface, Set<string>>>();
    private scheduled = false;
    /** Nobody can listen before we own a name or were called, so nothing is sent before. */
    private announced = false;

    constructor(
        private readonly outbox: Outbox,
        private readonly root: string,
    ) {}

    /** From now on somebody may listen. */
    announce(): void {
        this.announced = true;
    }

    /** Notes that a property changed. */
    propertyChanged(object: ExportedObject, exported: ExportedInterface, property: string): void {
        if (!this.announced) return;
        let interfaces = this.dirty.get(object);
        if (interfaces === undefined) this.dirty.set(object, (interfaces = new Map<ExportedInterface, Set<string>>()));
        let names = interfaces.get(exported);
        if (names === undefined) interfaces.set(exported, (names = new Set<string>()));
        names.add(property);
        if (this.scheduled) return;
        this.scheduled = true;
        setImmediate(() => this.flush());
    }

    /** Sends the changes collected so far. */
    flush(): void {
        this.scheduled = false;
        if (this.dirty.size === 0) return;
        for (const [object, interfaces] of this.dirty) {
            for (const [exported, names] of interfaces) this.sendChanged(object, exported, names);
        }
        this.dirty.clear();
    }

    /** Sends InterfacesAdded. */
    added(object: ExportedObject): void {
        if (!this.announced) return;
        this.flush();
        // Who adds an object has just read it: nothing is read once more, nor of others with it.
        const readings = object.current();
        for (const reading of readings) if (reading instanceof Promise) reading.catch(() => undefined);
        this.send(this.root, objectManagerInterface.name, "InterfacesAdded", "oa{sa{sv}}", (writer) => {
            writer.string(object.path);
            object.writeInterfaces(writer, readings);
        });
    }

    /** Sends InterfacesRemoved; changes of the object that were not sent yet are dropped. */
    removed(object: ExportedObject): void {
        this.dirty.delete(object);
        if (!this.announced) return;
        this.flush();
        const body = values("oas", [object.path, [...object.interfaces.keys()]]);
        this.send(this.root, objectManagerInterface.name, "InterfacesRemoved", "oas", body);
    }

    /** Sends any signal. @throws EncodeError when a value does not fit */
    send(path: string, interfaceName: string, member: string, signature: string, body: BodyWriter): void {
        const header = emptyHeader(MessageType.signal);
        header.serial = this.outbox.nextSerial();
        header.path = path;
        header.interface = interfaceName;
        header.member = member;
        header.signature = signature;
        this.outbox.send(header, body);
    }

    private sendChanged(object: ExportedObject, exported: ExportedInterface, names: Iterable<string>): void {
        this.send(object.path, propertiesInterface.name, "PropertiesChanged", "sa{sv}as", (writer) => {
            writer.string(exported.name);
            const invalidated: string[] = [];
            const changed = writer.beginArray(8);
            for (const name of names) {
                const property = exported.compiled.properties.get(name);
                if (property?.spec.emits === "true") writeProperty(writer, property, exported.values.get(name));
                else invalidated.push(name);
            }
            writer.endArray(changed);
            const list = writer.beginArray(4);
            for (const name of invalidated) writer.string(name);
            writer.endArray(list);
        });
    }
}
