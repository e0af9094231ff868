// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Errnos out of what Node throws and what tools print. */

/** Texts of strerror(3) in the C locale, as tools print them, for the errnos that device-mapper and kmod can meet. */
const TEXTS: Record<string, string> = {
    "Operation not permitted": "EPERM",
    "No such file or directory": "ENOENT",
    "No such device or address": "ENXIO",
    "Input/output error": "EIO",
    "Argument list too long": "E2BIG",
    "Exec format error": "ENOEXEC",
    "Resource temporarily unavailable": "EAGAIN",
    "Cannot allocate memory": "ENOMEM",
    "Permission denied": "EACCES",
    "Block device required": "ENOTBLK",
    "Device or resource busy": "EBUSY",
    "File exists": "EEXIST",
    "No such device": "ENODEV",
    "Not a directory": "ENOTDIR",
    "Invalid argument": "EINVAL",
    "Inappropriate ioctl for device": "ENOTTY",
    "File too large": "EFBIG",
    "No space left on device": "ENOSPC",
    "Read-only file system": "EROFS",
    "Numerical result out of range": "ERANGE",
    "Function not implemented": "ENOSYS",
    "Operation not supported": "ENOTSUP",
    "Connection timed out": "ETIMEDOUT",
    "Value too large for defined data type": "EOVERFLOW",
    "No data available": "ENODATA",
    "Interrupted system call": "EINTR",
    "Key was rejected by service": "EKEYREJECTED",
    "Required key not available": "ENOKEY",
};
const LONGEST_FIRST = Object.keys(TEXTS).sort((a, b) => b.length - a.length);

/** Gives the symbolic errno of what Node threw; EIO when it carries none. Upstream names for aliases: ENOTSUP, never EOPNOTSUPP. */
export function errnoOf(error: unknown): string {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return "EIO";
    return code === "EOPNOTSUPP" ? "ENOTSUP" : code;
}

/** Finds the symbolic errno of the last strerror text in a tool's messages; undefined when there is none. */
export function errnoInText(text: string): string | undefined {
    for (const line of text.trim().split("\n").reverse()) {
        const found = LONGEST_FIRST.find((words) => line.includes(words));
        if (found !== undefined) return TEXTS[found];
    }
    return undefined;
}
