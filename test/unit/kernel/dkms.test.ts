// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BIO = "struct bio *bio_alloc_clone(struct block_device *bdev, struct bio *bio_src,\n";
const BLKDEV = "static inline unsigned int disk_openers(struct gendisk *disk)\n";

/** Sources dkms.conf as dkms does, with strict checks off, and prints whether it excludes the kernel by name or number. */
const DKMS = `
    kernelver=$1 arch=x86_64 kernel_source_dir=$2
    . kernel/dkms.conf >/dev/null
    number() { printf '%d%03d' $(sed -E 's/^([0-9]+)\\.([0-9]+).*/\\1 \\2/' <<<"$1"); }
    if [[ $BUILD_EXCLUSIVE_KERNEL && ! $kernelver =~ $BUILD_EXCLUSIVE_KERNEL ]]; then echo excluded
    elif [[ $BUILD_EXCLUSIVE_KERNEL_MIN && $(number "$kernelver") -lt $(number "$BUILD_EXCLUSIVE_KERNEL_MIN") ]]; then echo excluded
    else echo built; fi
    echo "$PACKAGE_NAME" "\${BUILT_MODULE_NAME[1]}"`;

describe("dkms.conf", () => {
    let root: string;

    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "dkms-"));
    });

    afterEach(() => {
        rmSync(root, { recursive: true });
    });

    const headers = (tree: string, bio: string, blkdev: string): void => {
        mkdirSync(join(root, tree, "include/linux"), { recursive: true });
        writeFileSync(join(root, tree, "include/linux/bio.h"), bio);
        writeFileSync(join(root, tree, "include/linux/blkdev.h"), blkdev);
    };

    const answer = (version: string, tree = "build"): string => {
        const run = spawnSync("bash", ["-c", DKMS, "dkms", version, join(root, tree)], { encoding: "utf8" });
        assert.equal(run.stderr, "");
        const [word, names] = run.stdout.split("\n");
        assert.equal(names, "rapiddisk rapiddisk-cache");
        return word ?? "";
    };

    it("excludes kernels without bio_alloc_clone(), or without disk_openers()", () => {
        headers("build", "", "");
        assert.equal(answer("5.15.0-91-generic"), "excluded");
        headers("build", BIO, "");
        assert.equal(answer("5.18.0"), "excluded");
    });

    it("admits what has both: by its number, and as RHEL 9 by its backports", () => {
        headers("build", BIO, BLKDEV);
        assert.equal(answer("6.12.118+deb13-amd64"), "built");
        assert.equal(answer("5.14.0-570.12.1.el9_6.x86_64"), "built");
    });

    it("finds the headers where Debian has them: in the common tree beside the flavour's", () => {
        mkdirSync(join(root, "flavour/include/generated"), { recursive: true });
        headers("common", "", BLKDEV);
        symlinkSync("flavour", join(root, "build"));
        symlinkSync("common", join(root, "source"));
        assert.equal(answer("5.16.0-6-amd64"), "excluded");
        headers("common", BIO, BLKDEV);
        assert.equal(answer("6.1.0-56-amd64"), "built");
    });

    it("excludes nothing where there are no headers: that they are missing is for DKMS to say", () => {
        assert.equal(answer("6.12.118+deb13-amd64"), "built");
        assert.equal(answer("", "nothing"), "built");
    });
});

describe("Kbuild", () => {
    /** What make works out of a Kbuild in a directory. */
    const flags = (directory: string): { stdout: string; stderr: string } =>
        spawnSync("make", ["-s", "-f", "-"], {
            input: `src := ${directory}\ninclude $(src)/Kbuild\nall:; @echo '$(ccflags-y)'\n`,
            encoding: "utf8",
        });
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

    it("has the version from package.json", () => {
        const { stdout } = flags("kernel");
        assert.match(stdout, new RegExp(`-DRAPIDDISK_VERSION=\\\\"${version}\\\\" `));
        assert.match(stdout, new RegExp(`-DRAPIDDISK_VERSION_NUMBERS=${version.replaceAll(".", ",")} `));
    });

    it("has it from the installed dkms.conf where that is all there is, and says when there is none", () => {
        const root = mkdtempSync(join(tmpdir(), "kbuild-"));
        try {
            for (const file of ["Kbuild", "Kbuild.cache", "probes.mk"]) {
                copyFileSync(`kernel/${file}`, join(root, file));
            }
            writeFileSync(join(root, "dkms.conf"), 'PACKAGE_VERSION="12.3.4"\n');
            assert.match(flags(root).stdout, /-DRAPIDDISK_VERSION_NUMBERS=12,3,4 /);
            copyFileSync("kernel/dkms.conf", join(root, "dkms.conf"));
            assert.match(flags(root).stderr, /Neither .* has a version; give RAPIDDISK_VERSION=/);
        } finally {
            rmSync(root, { recursive: true });
        }
    });
});
