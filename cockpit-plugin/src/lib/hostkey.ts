// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** CRC-32 as zlib has it (polynomial 0xedb88320, reflected). */
export function crc32(data: Uint8Array): number {
    let crc = 0xffffffff;
    for (const byte of data) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
}

/**
 * A secret in the text form of the NVMe specification (DH-HMAC-CHAP): DHHC-1:00:BASE64:, where the bytes are the secret
 * and its CRC-32, little endian, and 00 says that it is used as it is.
 * @param secret 32, 48 or 64 bytes
 */
export function keyText(secret: Uint8Array): string {
    const bytes = new Uint8Array(secret.length + 4);
    bytes.set(secret);
    new DataView(bytes.buffer).setUint32(secret.length, crc32(secret), true);
    return `DHHC-1:00:${btoa(String.fromCharCode(...bytes))}:`;
}

/** A new key of 32 bytes from the browser's source of secrets. */
export function generateKey(): string {
    return keyText(crypto.getRandomValues(new Uint8Array(32)));
}

/** Why a text is no key; empty when it is one. No answer holds any of it. */
export type KeyProblem = "" | "empty" | "form" | "length" | "checksum";

const LENGTHS: Readonly<Record<string, readonly number[]>> = { "00": [32, 48, 64], "01": [32], "02": [48], "03": [64] };

/** Checks a key that was typed or pasted; the kernel would take a wrong one and then refuse every login. */
export function keyProblem(text: string): KeyProblem {
    if (text === "") return "empty";
    const match = /^DHHC-1:(0[0-3]):([A-Za-z0-9+/]{1,100}={0,2}):$/.exec(text);
    if (!match) return "form";
    let bytes: Uint8Array;
    try {
        bytes = Uint8Array.from(atob(match[2] ?? ""), (letter) => letter.charCodeAt(0));
    } catch {
        return "form";
    }
    if (btoa(String.fromCharCode(...bytes)) !== match[2]) return "form";
    const secret = bytes.slice(0, -4);
    if (!LENGTHS[match[1] ?? ""]?.includes(secret.length)) return "length";
    const sum = new DataView(bytes.buffer).getUint32(secret.length, true);
    return sum === crc32(secret) ? "" : "checksum";
}
