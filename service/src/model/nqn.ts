// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { LONGEST_NQN, nqnBytes, nqnFault, RESERVED_NQN } from "../facts/nqn.js";
import { ModelError } from "./errors.js";
import { quote } from "./values.js";

function invalid(message: string): ModelError {
    return new ModelError("InvalidArgument", message);
}

/**
 * Checks an NQN of a subsystem or a host; see {@link nqnFault}.
 * @param what what it names, for the message and its rules
 * @throws ModelError InvalidArgument
 */
export function checkNqn(nqn: string, what: "NQN" | "Host" = "NQN"): string {
    const name = `${what} ${quote(nqn)}`;
    switch (nqnFault(nqn, what === "NQN" ? "export" : "host")) {
        case undefined:
            return nqn;
        case "key":
            throw invalid(`${what}: that is a key, not a name; it must be an NQN like nqn.2014-08.org.example:name.`);
        case "empty":
        case "long":
            throw invalid(`${name} has ${nqnBytes(nqn)} bytes; an NQN has 1 to ${LONGEST_NQN}.`);
        case "characters":
            throw invalid(`${name} holds a control character or bytes that are not text; an NQN has none.`);
        case "path":
            throw invalid(`${name} could be taken for a path: an NQN has no slash and is neither "." nor "..".`);
        case "reserved":
            throw invalid(`${name} begins with ${RESERVED_NQN}, which is reserved; choose another name.`);
        case "discovery":
            throw invalid(`${name} is the name of the discovery service, which nothing else may have.`);
    }
}

/** Makes the name under which earlier versions export a device: it holds the host's name as it is now. */
export function defaultNqn(hostname: string, device: string): string {
    return `nqn.2021-06.org.rapiddisk:${hostname}-${device}`;
}

/** Checks a serial number: 1 to 20 printable ASCII characters. @throws ModelError InvalidArgument */
export function checkSerial(serial: string): string {
    if (!/^[!-~]([ -~]{0,18}[!-~])?$/.test(serial)) {
        throw invalid(`Serial ${quote(serial)} must have 1 to 20 printable ASCII characters, no blank at its ends.`);
    }
    return serial;
}

/** Checks a model name: 1 to 40 printable ASCII characters. @throws ModelError InvalidArgument */
export function checkModelName(model: string): string {
    if (!/^[!-~]([ -~]{0,38}[!-~])?$/.test(model)) {
        throw invalid(`Model ${quote(model)} must have 1 to 40 printable ASCII characters, no blank at its ends.`);
    }
    return model;
}

/** What hosts know an export's contents by. */
export interface NamespaceIdentity {
    serial: string;
    uuid: string;
}

/**
 * Makes the identity of a device's contents: the same for the same installation, device and generation, whatever the host's
 * name, the NQN or the boot. The UUID is of version 5 (RFC 9562), the serial number is made of it.
 */
export function identityOf(installation: string, device: string, generation: number): NamespaceIdentity {
    const namespace = Buffer.from(installation.replaceAll("-", ""), "hex");
    const hash = createHash("sha1").update(namespace).update(`${device}/${generation}`).digest().subarray(0, 16);
    hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
    hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
    const uuid = hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    return { uuid, serial: createHash("sha256").update(uuid).digest("hex").slice(0, 20) };
}

/** What a host must know to get in: DH-HMAC-CHAP (NVM Express Base Specification, "DH-HMAC-CHAP Protocol"). */
export interface HostKeys {
    /** DHHC-1:…: what the host proves that it knows. */
    key: string;
    /** What the target proves that it knows; "" when only the host does. */
    controllerKey: string;
    /** The kernel's word, for example hmac(sha256). */
    hash: string;
    /** null or ffdheN. */
    dhgroup: string;
}

/** A host that must prove nothing: what the kernel has for a new one. */
export const NO_HOST_KEYS: HostKeys = { key: "", controllerKey: "", hash: "hmac(sha256)", dhgroup: "null" };

const HASHES = ["sha256", "sha384", "sha512"];
const GROUPS = ["null", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"];
/** Length of the secret for each transformation; 00 (none) takes any of them. */
const LENGTHS: Record<string, readonly number[]> = { "00": [32, 48, 64], "01": [32], "02": [48], "03": [64] };

/**
 * Checks a key in its text form, which the kernel does not: it takes any text and then refuses every login.
 * No error says anything of the key's contents.
 * @param what which key, for the message
 * @throws ModelError InvalidArgument
 */
export function checkKey(key: string, what: string): string {
    const match = /^DHHC-1:(0[0-3]):([A-Za-z0-9+/]{1,100}={0,2}):$/.exec(key);
    if (match?.[1] === undefined || match[2] === undefined) {
        throw invalid(
            `${what} must have the form DHHC-1:HH:BASE64: as nvme gen-dhchap-key prints it, HH being 00 to 03.`,
        );
    }
    const bytes = Buffer.from(match[2], "base64");
    const lengths = LENGTHS[match[1]] ?? [];
    if (bytes.toString("base64") !== match[2] || !lengths.includes(bytes.length - 4)) {
        throw invalid(
            `${what} does not hold ${lengths.join(", ")} bytes and a checksum, as its kind ${match[1]} must.`,
        );
    }
    if (crc32(bytes.subarray(0, -4)) !== bytes.readUInt32LE(bytes.length - 4)) {
        throw invalid(`${what} has a wrong checksum; a character was lost or changed.`);
    }
    return key;
}

/** Reads the choice of a hash (sha256, sha384, sha512). @throws ModelError InvalidArgument */
export function parseHash(word = "sha256"): string {
    if (!HASHES.includes(word)) {
        throw invalid(`Hash ${quote(word)} is unknown; it must be ${HASHES.join(", ")}.`);
    }
    return `hmac(${word})`;
}

/** Reads the choice of a Diffie-Hellman group. @throws ModelError InvalidArgument */
export function parseGroup(word = "null"): string {
    if (!GROUPS.includes(word)) {
        throw invalid(`Group ${quote(word)} is unknown; it must be ${GROUPS.join(", ")}.`);
    }
    return word;
}
