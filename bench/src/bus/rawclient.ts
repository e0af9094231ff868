// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A D-Bus connection that only counts and times replies. */
import { createConnection, type Socket } from "node:net";
import { encodeCall, ERROR, Framer, METHOD_RETURN, setSerial, SIGNAL, type Call } from "./message.js";

const BUS = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" };
const REPLY_MS = 120_000;

/** A connection to a bus. One kind of call at a time: replies are matched by their order. */
export class RawClient {
    private onReply: ((message: Buffer) => void) | undefined;
    private onSignal: ((message: Buffer) => void) | undefined;
    private onClosed: ((error: Error) => void) | undefined;
    private serial = 0;

    private constructor(private readonly socket: Socket) {}

    /** Connects and says Hello. @param address of the form unix:path=… */
    static async connect(address: string): Promise<RawClient> {
        const path = /^unix:path=([^,;]+)/.exec(address)?.[1];
        if (path === undefined) throw new Error(`cannot connect to ${address}: only unix:path=… is known here`);
        const socket = createConnection({ path: decodeURIComponent(path) });
        await authenticate(socket);
        const client = new RawClient(socket);
        const framer = new Framer();
        socket.on("data", (chunk: Buffer) => framer.push(chunk, (message) => client.dispatch(message)));
        const closed = (): void => client.onClosed?.(new Error("the bus closed the connection"));
        socket.on("close", closed);
        socket.on("error", closed);
        await client.call({ ...BUS, member: "Hello" });
        return client;
    }

    close(): void {
        this.onClosed = undefined;
        this.socket.destroy();
    }

    /** One call; the whole reply message. @throws Error when the answer is an error, or none comes */
    async call(call: Call): Promise<Buffer> {
        let reply: Buffer | undefined;
        await this.exchange(encodeCall(call), 1, 1, (message) => {
            reply = Buffer.from(message);
        });
        return reply!;
    }

    /** Calls one after another; the time of each in milliseconds. */
    async latencies(call: Call, count: number): Promise<number[]> {
        const times: number[] = [];
        let last = performance.now();
        await this.exchange(encodeCall(call), count, 1, () => {
            const now = performance.now();
            times.push(now - last);
            last = performance.now();
        });
        return times;
    }

    /** Many calls with several under way at a time; resolves when the last reply is there. */
    async burst(call: Call, count: number, underWay: number): Promise<void> {
        await this.exchange(encodeCall(call), count, underWay, () => undefined);
    }

    /** Resolves with the time (performance.now) at which the name gets an owner. Call the returned function to wait. */
    async watchName(name: string, timeoutMs: number): Promise<() => Promise<number>> {
        const rule = `type='signal',sender='${BUS.destination}',member='NameOwnerChanged',arg0='${name}'`;
        return this.watch(rule, (message) => gainsOwner(message, name), `${name} got no owner`, timeoutMs);
    }

    /**
     * Resolves with the time at which a service says that an object was added or removed. Call the returned function to wait.
     * @param member InterfacesAdded or InterfacesRemoved
     * @param path the object's
     */
    async watchObject(member: string, path: string, timeoutMs: number): Promise<() => Promise<number>> {
        const rule = `type='signal',interface='org.freedesktop.DBus.ObjectManager',member='${member}'`;
        const needle = Buffer.from(`${path}\0`);
        return this.watch(rule, (message) => message.includes(needle), `no ${member} of ${path}`, timeoutMs);
    }

    private async watch(
        rule: string,
        wanted: (message: Buffer) => boolean,
        late: string,
        timeoutMs: number,
    ): Promise<() => Promise<number>> {
        const heard = new Promise<number>((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${late} in ${timeoutMs} ms`)), timeoutMs);
            this.onSignal = (message) => {
                if (!wanted(message)) return;
                clearTimeout(timer);
                this.onSignal = undefined;
                resolve(performance.now());
            };
        });
        heard.catch(() => undefined);
        await this.call({ ...BUS, member: "AddMatch", args: [rule] });
        return async () => {
            const time = await heard;
            await this.call({ ...BUS, member: "RemoveMatch", args: [rule] });
            return time;
        };
    }

    private exchange(message: Buffer, count: number, underWay: number, each: (reply: Buffer) => void): Promise<void> {
        return new Promise((resolve, reject) => {
            let sent = 0;
            let received = 0;
            const finish = (error?: Error): void => {
                clearTimeout(timer);
                this.onReply = undefined;
                this.onClosed = undefined;
                if (error === undefined) resolve();
                else reject(error);
            };
            const timer = setTimeout(
                () => finish(new Error(`no reply in ${REPLY_MS} ms after ${received} of ${count}`)),
                REPLY_MS,
            );
            const send = (): void => {
                sent++;
                this.serial = (this.serial % 0xffffffff) + 1;
                const copy = underWay === 1 ? message : Buffer.from(message);
                setSerial(copy, this.serial);
                this.socket.write(copy);
            };
            this.onClosed = finish;
            this.onReply = (reply) => {
                received++;
                timer.refresh();
                if (reply[1] === ERROR) return finish(new Error(`the answer is an error: ${printable(reply)}`));
                each(reply);
                if (received === count) return finish();
                if (sent < count) send();
            };
            while (sent < Math.min(count, underWay)) send();
        });
    }

    private dispatch(message: Buffer): void {
        if (message[1] === METHOD_RETURN || message[1] === ERROR) this.onReply?.(message);
        else if (message[1] === SIGNAL) this.onSignal?.(message);
    }
}

function authenticate(socket: Socket): Promise<void> {
    return new Promise((resolve, reject) => {
        const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
        socket.once("error", reject);
        socket.once("data", (answer: Buffer) => {
            socket.off("error", reject);
            if (!answer.toString().startsWith("OK ")) {
                return reject(new Error(`the bus refused us: ${answer.toString()}`));
            }
            socket.write("BEGIN\r\n");
            resolve();
        });
        socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
    });
}

/** Whether a NameOwnerChanged signal gives the name a new owner: its body is name, old owner, new owner. */
function gainsOwner(message: Buffer, name: string): boolean {
    const length = message.readUInt32LE(4);
    const body = message.subarray(message.length - length);
    const strings: string[] = [];
    for (let at = 0; at + 4 <= body.length && strings.length < 3;) {
        const size = body.readUInt32LE(at);
        strings.push(body.toString("utf8", at + 4, at + 4 + size));
        at = Math.ceil((at + 4 + size + 1) / 4) * 4;
    }
    return strings[0] === name && strings[2] !== undefined && strings[2] !== "";
}

function printable(message: Buffer): string {
    return message
        .toString("latin1")
        .replaceAll(/[^ -~]+/g, " ")
        .trim()
        .slice(-200);
}
