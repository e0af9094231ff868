// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Kinds of node in the target's configfs, and where each lives. */
import { KernelError } from "../port.js";
import type { NvmetNode } from "./types.js";

/** Highest number of a port (a u16) and of a namespace. */
export const MAX_PORT = 65535;
export const MAX_NAMESPACE = 0xfffffffe;

// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

/**
 * Checks a name in a path.
 * @throws KernelError EINVAL unless `name` is one component of a path that configfs takes: 1 to 255 bytes.
 */
export function checkComponent(name: string): string {
    const bytes = Buffer.byteLength(name);
    if (bytes < 1 || bytes > 255 || name.includes("/") || name === "." || name === ".." || CONTROL.test(name)) {
        throw new KernelError(
            "EINVAL",
            `${JSON.stringify(name.slice(0, 80))} cannot name an object of the NVMe target: 1 to 255 bytes, no slash, no control character.`,
        );
    }
    return name;
}

/** Checks the number of a node's directory, in the one spelling that is ours: the kernel also takes 01 and 0x1. */
function checkNumber(value: number, largest: number, what: string): string {
    if (!Number.isInteger(value) || value < 1 || value > largest) {
        throw new KernelError("EINVAL", `${what} ${value} is out of range; it must be 1 to ${largest}.`);
    }
    return String(value);
}

/** Makes the path of a node below the target's directory. @throws KernelError EINVAL for a name or number that cannot be one */
export function nodePath(node: NvmetNode): string {
    switch (node.kind) {
        case "subsystem":
            return `subsystems/${checkComponent(node.nqn)}`;
        case "namespace":
            return `subsystems/${checkComponent(node.nqn)}/namespaces/${checkNumber(node.id, MAX_NAMESPACE, "Namespace")}`;
        case "port":
            return `ports/${checkNumber(node.id, MAX_PORT, "Port")}`;
        case "host":
            return `hosts/${checkComponent(node.host)}`;
        case "allowed-host":
            return `subsystems/${checkComponent(node.nqn)}/allowed_hosts/${checkComponent(node.host)}`;
        case "port-link":
            return `ports/${checkNumber(node.port, MAX_PORT, "Port")}/subsystems/${checkComponent(node.nqn)}`;
    }
}

/** Gives the path of what a link points to; undefined for a node of its own. */
export function linkTarget(node: NvmetNode): string | undefined {
    if (node.kind === "allowed-host") {
        return nodePath({ kind: "host", host: node.host });
    }
    return node.kind === "port-link" ? nodePath({ kind: "subsystem", nqn: node.nqn }) : undefined;
}

/** Writes a node in words, for messages. */
export function nodeWords(node: NvmetNode): string {
    switch (node.kind) {
        case "subsystem":
            return `subsystem ${node.nqn}`;
        case "namespace":
            return `namespace ${node.id} of ${node.nqn}`;
        case "port":
            return `port ${node.id}`;
        case "host":
            return `host ${node.host}`;
        case "allowed-host":
            return `host ${node.host} in the list of ${node.nqn}`;
        case "port-link":
            return `${node.nqn} on port ${node.port}`;
    }
}

const ATTRIBUTE = /^[a-z][a-z0-9_]{0,63}$/;

/** Attributes that are secrets: their files are made private before a value is in them, and no message holds a value. */
export const SECRETS: readonly string[] = ["dhchap_key", "dhchap_ctrl_key"];

/**
 * Checks what is to be written to a node.
 * @throws KernelError EINVAL unless `attribute` can be one and `value` is one line that may be written to it.
 */
export function checkWrite(attribute: string, value: string): void {
    if (!ATTRIBUTE.test(attribute)) {
        throw new KernelError(
            "EINVAL",
            `${JSON.stringify(attribute)} is not a valid attribute: it has 1 to 64 of a-z, 0-9 and _, and begins with a letter.`,
        );
    }
    // An empty write is EFAULT for some attributes and silently nothing for others; only secrets can be cleared.
    if ((value === "" && !SECRETS.includes(attribute)) || CONTROL.test(value) || Buffer.byteLength(value) > 4000) {
        throw new KernelError("EINVAL", `A value for ${attribute} is one line of 1 to 4000 bytes.`);
    }
}

/** Says why the kernel refused, in words that follow "The kernel refused to …: ". */
export function refusalReason(node: NvmetNode, errno: string): string | undefined {
    switch (errno) {
        case "EADDRNOTAVAIL":
            return "the port's address is not on this host";
        case "EADDRINUSE":
            return "the port's address and service are taken";
        case "EAFNOSUPPORT":
            return "this host does not speak the port's address family";
        case "EEXIST":
            return "it exists already";
        case "ENOENT":
            return node.kind === "namespace" ? "its device or its subsystem is not there" : "there is no such object";
        case "EBUSY":
            return node.kind === "namespace" ? "it is enabled, or its number is taken" : "it is in use";
        case "ENOTEMPTY":
            return "something is still below it";
        case "ENODEV":
            return node.kind === "port-link"
                ? "there is no RDMA device for the port's address"
                : "there is no such device";
        case "EACCES":
            if (node.kind === "port-link") {
                return "a service number below 1024 needs the capability CAP_NET_BIND_SERVICE";
            }
            return node.kind === "namespace" ? "its device is read-only" : "it is enabled, or this needs root";
        case "EINVAL":
            return node.kind === "port-link"
                ? "the port's transport, family, address or service is not valid, or the transport's module is missing"
                : "the value is not valid now";
        default:
            return undefined;
    }
}
