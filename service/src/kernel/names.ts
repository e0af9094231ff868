// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Checks of everything that goes from a caller into sysfs or to dmsetup: the last line before the kernel. */
import { SECTOR } from "../facts/sizes.js";
import { KernelError } from "./port.js";

/** Highest N of rdN: the minor number has 20 bits. */
export const MAX_RAM_DISK_NUMBER = 1048575;

/** What device-mapper names may hold unescaped: udev makes a node of the very same name only for these. */
const MAPPING_NAME = /^[0-9A-Za-z#+\-.:=@_]+$/;
const TARGET_TYPE = /^[0-9A-Za-z_-]{1,15}$/;
const DEVICE_NAME = /^[0-9A-Za-z!._-]{1,31}$/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

const invalid = (message: string): KernelError => new KernelError("EINVAL", message);

/**
 * Checks the number of a RAM disk.
 * @throws KernelError EINVAL unless `number` is the N of an rdN, 0 to {@link MAX_RAM_DISK_NUMBER}.
 */
export function checkRamDiskNumber(number: number): void {
    if (!Number.isInteger(number) || number < 0 || number > MAX_RAM_DISK_NUMBER) {
        throw invalid(`RAM disk number ${number} is not between 0 and ${MAX_RAM_DISK_NUMBER}.`);
    }
}

/**
 * Checks the size of a RAM disk.
 * @throws KernelError EINVAL unless `size` is a positive multiple of 512 bytes that a number holds exactly.
 */
export function checkRamDiskSize(size: number): void {
    if (!Number.isSafeInteger(size) || size <= 0 || size % SECTOR !== 0) {
        throw invalid(`RAM disk size ${size} is not a positive multiple of ${SECTOR} bytes.`);
    }
}

/**
 * Checks the name of a new mapping.
 * @throws KernelError EINVAL unless `name` may name a mapping: 1 to 127 bytes that need no escaping, not "." or "..".
 */
export function checkMappingName(name: string): void {
    if (name.length < 1 || name.length > 127) throw invalid("A mapping name has 1 to 127 characters.");
    if (!MAPPING_NAME.test(name) || name === "." || name === ".." || name.startsWith("-")) {
        throw invalid(
            `Mapping name ${JSON.stringify(name)} may hold only letters, digits and # + - . : = @ _, and not begin with -.`,
        );
    }
}

/**
 * Checks the name of any mapping. One that somebody else made may have any name that device-mapper stores; it can be looked at
 * and removed.
 * @throws KernelError EINVAL unless `name` can be one.
 */
export function checkForeignMappingName(name: string): void {
    const bytes = Buffer.byteLength(name);
    if (bytes < 1 || bytes > 127 || name.includes("/") || CONTROL.test(name)) {
        throw invalid(`${JSON.stringify(name)} is not a mapping name: 1 to 127 bytes, no slash, no control character.`);
    }
}

/**
 * Checks the UUID of a new mapping.
 * @throws KernelError EINVAL unless `uuid` may be a device-mapper UUID: up to 128 bytes of the same characters.
 */
export function checkMappingUuid(uuid: string): void {
    if (uuid.length > 128 || (uuid !== "" && !MAPPING_NAME.test(uuid))) {
        throw invalid(`Mapping UUID ${JSON.stringify(uuid)} has a character that is not allowed, or over 128 of them.`);
    }
}

/**
 * Checks the parts of a table line.
 * @throws KernelError EINVAL unless a table line of these parts is well formed (not whether the kernel will take it).
 */
export function checkTable(table: { length: number; type: string; params: string }): void {
    if (!Number.isSafeInteger(table.length) || table.length <= 0) {
        throw invalid(`Table length ${table.length} is not a positive number of sectors.`);
    }
    if (!TARGET_TYPE.test(table.type)) throw invalid(`${JSON.stringify(table.type)} is not a target type.`);
    if (CONTROL.test(table.params) || table.params.length > 4096) {
        throw invalid("Target parameters are one line of at most 4096 characters.");
    }
}

/**
 * Checks a message to a target.
 * @throws KernelError EINVAL unless `message` can be sent to a target: one line, 1 to 1024 characters.
 */
export function checkMessage(message: string): void {
    if (message.trim() === "" || message.length > 1024 || CONTROL.test(message)) {
        throw invalid("A target message is one line of 1 to 1024 characters.");
    }
}

/**
 * Checks the name of a block device.
 * @throws KernelError ENODEV unless `name` can be a kernel name of a block device (sysfs writes "/" as "!").
 */
export function checkDeviceName(name: string): void {
    if (!DEVICE_NAME.test(name) || name === "." || name === "..") {
        throw new KernelError("ENODEV", `${JSON.stringify(name)} is not a kernel device name.`);
    }
}

/**
 * Reads the N of a name that is rdN exactly (no sign, no leading zero), else undefined: rd10 is not rd1, ram0 is no RAM disk of
 * ours.
 */
export function ramDiskNumber(device: string): number | undefined {
    const match = /^rd(0|[1-9][0-9]{0,6})$/.exec(device);
    if (!match) return undefined;
    const number = Number(match[1]);
    return number <= MAX_RAM_DISK_NUMBER ? number : undefined;
}
