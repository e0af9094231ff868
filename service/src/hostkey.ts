// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** A new host key of 32 random bytes in the form of the NVMe specification: DHHC-1:00:BASE64(key, CRC-32 of it): */
export function generateKey(): string {
    const key = randomBytes(32);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(key));
    return `DHHC-1:00:${Buffer.concat([key, sum]).toString("base64")}:`;
}
