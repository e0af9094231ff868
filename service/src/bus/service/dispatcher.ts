// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { randomBytes } from "node:crypto";
import { BusError } from "../api.js";
import type { Outbox } from "../connection/outbox.js";
import { clipped, standardError } from "../errors.js";
import { emptyHeader, Flag, type Header, MessageType, values } from "../wire/header.js";
import { isInterface } from "../wire/names.js";
import { DecodeError, Reader } from "../wire/reader.js";
import { builtinMethods, type ReplyBody } from "./builtins.js";
import { type CallerQueue, type Callers, RunningCall } from "./callers.js";
import { type CompiledMethod, compile } from "./compiled.js";
import type { ExportedObject } from "./exported.js";
import type { Limits } from "./limits.js";
import type { ObjectTree } from "./objects.js";
import { YieldQueue } from "./yieldqueue.js";
import type { Runner } from "./scheduler.js";
import type { Signals } from "./signals.js";
import { introspectableInterface, objectManagerInterface, peerInterface, propertiesInterface } from "./standard.js";

type Invoke = (args: readonly unknown[], call: RunningCall) => ReplyBody | Promise<ReplyBody>;

/** A method found for a call. */
interface ResolvedMethod {
    interfaceName: string;
    method: CompiledMethod;
    invoke: Invoke;
}

/** Longest text of an error message, in characters. */
const MAX_MESSAGE = 4000;

const STANDARD = [peerInterface, introspectableInterface, propertiesInterface, objectManagerInterface].map(compile);

/** Finds the method that a call is for, checks and decodes the arguments, runs it and answers. */
export class Dispatcher implements Runner {
    private readonly builtins;
    private readonly yields = new YieldQueue();
    /** Set when the service stops: why no call is taken any more. */
    stopping: string | undefined;

    constructor(
        private readonly tree: ObjectTree,
        private readonly signals: Signals,
        private readonly outbox: Outbox,
        private readonly callers: Callers,
        private readonly limits: Limits,
        private readonly errorPrefix: string,
        private readonly log: (line: string) => void,
    ) {
        this.builtins = builtinMethods(tree);
    }

    run(caller: CallerQueue, header: Header, body: Buffer): Promise<void> | undefined {
        this.signals.announce();
        const call = new RunningCall(header, caller, this.callers);
        try {
            if (this.stopping !== undefined) throw new BusError(`${this.errorPrefix}.Failed`, this.stopping);
            const target = this.find(header);
            if (target.method.onlyAnswers && (header.flags & Flag.noReplyExpected) !== 0) return undefined;
            const result = target.invoke(this.decode(target, header, body), call);
            if (!(result instanceof Promise)) {
                this.reply(call, target, result);
                return undefined;
            }
            caller.running.add(call);
            return this.finish(call, target, result);
        } catch (error) {
            this.fail(header, error);
            return undefined;
        }
    }

    refuse(header: Header, reason: string): void {
        this.sendError(header, `${this.errorPrefix}.LimitsExceeded`, reason);
    }

    private async finish(call: RunningCall, target: ResolvedMethod, result: Promise<ReplyBody>): Promise<void> {
        try {
            const body = await result;
            await this.yields.wait();
            this.reply(call, target, body);
        } catch (error) {
            if (!call.caller.gone) this.fail(call.header, error);
        } finally {
            call.caller.running.delete(call);
        }
    }

    /** @throws BusError UnknownObject, UnknownInterface or UnknownMethod */
    private find(header: Header): ResolvedMethod {
        const { path, interface: iface, member } = header;
        const object = this.tree.get(path);
        const own = iface === "" ? undefined : object?.interfaces.get(iface);
        if (object !== undefined && own !== undefined) {
            const method = own.compiled.methods.get(member);
            if (method !== undefined) return ownTarget(object, iface, method);
            throw unknownMethod(iface, member);
        }
        if (object !== undefined && iface === "") {
            for (const { compiled } of object.interfaces.values()) {
                const method = compiled.methods.get(member);
                if (method !== undefined) return ownTarget(object, compiled.spec.name, method);
            }
        }
        const standard = this.findStandard(path, object, iface, member);
        if (standard !== undefined) return standard;
        if (object === undefined) throw standardError("UnknownObject", `There is no object at ${clipped(path)}.`);
        if (iface === "") throw unknownMethod(path, member);
        throw standardError("UnknownInterface", `${clipped(path)} has no interface ${clipped(iface)}.`);
    }

    private findStandard(
        path: string,
        object: ExportedObject | undefined,
        iface: string,
        member: string,
    ): ResolvedMethod | undefined {
        for (const { spec, methods } of STANDARD) {
            if (iface !== "" && spec.name !== iface) continue;
            if (spec === propertiesInterface && object === undefined) continue;
            if (spec === objectManagerInterface && path !== this.tree.root) continue;
            const method = methods.get(member);
            const builtin = this.builtins.get(spec.name)?.[member];
            if (method === undefined || builtin === undefined) {
                if (iface === "" || object === undefined) continue;
                throw unknownMethod(iface, member);
            }
            return {
                interfaceName: spec.name,
                method,
                invoke: (args, call) => builtin(args, object as ExportedObject, call),
            };
        }
        return undefined;
    }

    /** @throws BusError InvalidArgs */
    private decode({ interfaceName, method }: ResolvedMethod, header: Header, body: Buffer): unknown[] {
        const what = `${interfaceName}.${method.name}`;
        if (header.signature !== method.inSignature) {
            const names = method.in.map((arg) => `${arg.type} ${arg.name}`).join(", ");
            const wanted = method.in.length === 0 ? "no arguments" : `"${method.inSignature}" (${names})`;
            const given = header.signature === "" ? "none" : `"${clipped(header.signature)}"`;
            throw standardError("InvalidArgs", `${what} takes ${wanted}, not ${given}.`);
        }
        try {
            return new Reader(body, header.littleEndian, this.limits).readBody(method.inSignature);
        } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            throw standardError("InvalidArgs", `The arguments of ${what} cannot be read: ${error.message}.`);
        }
    }

    private reply(call: RunningCall, { method }: ResolvedMethod, body: ReplyBody): void {
        const { header, caller } = call;
        this.signals.flush();
        if ((header.flags & Flag.noReplyExpected) !== 0 || caller.gone) return;
        const reply = emptyHeader(MessageType.reply);
        reply.flags = Flag.noReplyExpected;
        reply.serial = this.outbox.nextSerial();
        reply.replySerial = header.serial;
        reply.destination = header.sender;
        reply.signature = method.outSignature;
        this.outbox.send(reply, body);
    }

    private fail(header: Header, error: unknown): void {
        this.signals.flush();
        if (error instanceof BusError && isInterface(error.errorName)) {
            this.sendError(header, error.errorName, error.message);
            return;
        }
        const id = randomBytes(4).toString("hex");
        const stack = error instanceof Error ? String(error.stack) : String(error);
        this.log(`Internal error ${id} in ${header.interface}.${header.member}: ${stack}`);
        this.sendError(header, `${this.errorPrefix}.Failed`, `Internal error ${id}; the service's log says more.`);
    }

    private sendError(header: Header, name: string, message: string): void {
        if ((header.flags & Flag.noReplyExpected) !== 0) return;
        const reply = emptyHeader(MessageType.error);
        reply.flags = Flag.noReplyExpected;
        reply.serial = this.outbox.nextSerial();
        reply.errorName = name;
        reply.replySerial = header.serial;
        reply.destination = header.sender;
        reply.signature = "s";
        const text = message.replaceAll("\0", "").slice(0, MAX_MESSAGE);
        this.outbox.send(reply, (writer) => writer.string(text));
    }
}

function ownTarget(object: ExportedObject, interfaceName: string, method: CompiledMethod): ResolvedMethod {
    const handler = object.interfaces.get(interfaceName)?.methods[method.name];
    if (handler === undefined) throw unknownMethod(interfaceName, method.name);
    const body = (results: readonly unknown[] | void): ReplyBody =>
        method.outSignature === "" ? undefined : values(method.outSignature, results ?? []);
    return {
        interfaceName,
        method,
        invoke: (args, call) => {
            const results = handler(args, call);
            return results instanceof Promise ? results.then(body) : body(results);
        },
    };
}

function unknownMethod(where: string, member: string): BusError {
    return standardError("UnknownMethod", `${clipped(where)} has no method ${clipped(member)}.`);
}
