// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a page test runs in: Debian's userland, and over it the product as `make install` lays it out. */
import { execFile } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Root of the repository. */
export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
const HERE = dirname(fileURLToPath(import.meta.url));

/** The bus starts the service with our script, because there is no systemd in the tree. */
const ACTIVATION = `[D-BUS Service]
Name=org.rapiddisk.Manager
Exec=/usr/lib/rapiddisk-test/service
User=root
`;

let userland: Promise<string> | undefined;

/** Directory of Debian's userland, which vm/ builds once and keeps. */
export function findUserland(): Promise<string> {
    userland ??= run(join(REPOSITORY, "vm/prepare"), ["--userland"], { maxBuffer: 1 << 26 }).then(({ stdout }) =>
        stdout.trim(),
    );
    return userland;
}

/**
 * Lays the product out in a new directory.
 * @param page where the page is taken from instead, seen from inside the tree; so it can change while the tree lives
 * @returns the directory; the caller removes it
 */
export async function stageProduct(page?: string): Promise<string> {
    const stage = mkdtempSync(join(tmpdir(), "rapiddisk-stage-"));
    chmodSync(stage, 0o755);
    await run("make", ["-s", "-C", REPOSITORY, "install", `DESTDIR=${stage}`, "PREFIX=/usr"]);
    writeFileSync(join(stage, "usr/share/dbus-1/system-services/org.rapiddisk.Manager.service"), ACTIVATION);
    const test = join(stage, "usr/lib/rapiddisk-test");
    mkdirSync(test, { recursive: true });
    cpSync(join(HERE, "service.sh"), join(test, "service"));
    if (page !== undefined) {
        const place = join(stage, "usr/share/cockpit/rapiddisk");
        rmSync(place, { recursive: true, force: true });
        mkdirSync(dirname(place), { recursive: true });
        symlinkSync(page, place);
    }
    return stage;
}

let shared: Promise<string> | undefined;

/** The product as the tests of this process use it, laid out once. */
export function productStage(): Promise<string> {
    shared ??= stageProduct().then((stage) => {
        process.once("exit", () => rmSync(stage, { recursive: true, force: true }));
        return stage;
    });
    return shared;
}
