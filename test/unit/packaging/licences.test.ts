// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// What the licences of bundled software demand is in the packages.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundlePage } from "../../../cockpit-plugin/esbuild.mjs";
import { buildPrograms, programs } from "../../../service/esbuild.mjs";
import { bundled, marks, type Bundled } from "../../../tools/licences/bundled.mjs";
import { holders, notices } from "../../../tools/licences/notices.mjs";
import { sbom } from "../../../tools/licences/sbom.mjs";
import { temporaryFolder, TREE } from "./stubs.js";

/** Names of licences in debian/copyright that differ from SPDX. */
const DEBIAN: Record<string, string> = { MIT: "Expat", "BSD-3-Clause": "BSD-3-clause" };

/** Bundles, by the name that debian/copyright has for them. */
const bundles: Record<string, Bundled[]> = {};
const all = (): Bundled[] => Object.values(bundles).flat();

/** Paragraphs of debian/copyright, each with its fields. */
function paragraphs(): Map<string, string>[] {
    const text = readFileSync(join(TREE, "packaging/debian/copyright"), "utf8").trim();
    return text.split(/\n\n+/).map((paragraph) => {
        const fields = paragraph.split(/\n(?! )/).map((field) => field.split(/:\s*([^]*)/).slice(0, 2));
        return new Map(fields as [string, string][]);
    });
}

const lines = (field = ""): string[] => field.split("\n").map((line) => line.trim());
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

before(async function () {
    bundles["dist/*.cjs"] = bundled(await buildPrograms(programs));
    bundles["dist/cockpit/*"] = bundled((await bundlePage()).metafile);
});

describe("licences of bundled software", () => {
    it("are found for what is known to be there", () => {
        const names = all().map(({ name, licence }) => `${name}: ${licence}`);
        for (const one of [
            "dbus-next: MIT",
            "jsbi: Apache-2.0",
            "semver: ISC",
            "fast-uri: BSD-3-Clause",
            "preact: MIT",
            "tslib: 0BSD",
            "Font Awesome Free: CC-BY-4.0",
        ]) {
            assert.ok(names.includes(one), `${one} is not among ${names.join(", ")}`);
        }
    });

    it("are written out in full in the notices", () => {
        for (const packages of Object.values(bundles)) {
            const text = notices("The product", packages);
            for (const one of packages) {
                assert.ok(text.includes(`${one.name} ${one.version}\n${one.licence}\n\n${one.text}\n`), one.name);
            }
        }
    });

    it("are all named in debian/copyright, with their holders, and no others", () => {
        for (const [files, packages] of Object.entries(bundles)) {
            const paragraph = paragraphs().find((fields) => fields.get("Files") === files);
            assert.ok(paragraph, files);
            const licences = sorted(packages.map(({ licence }) => DEBIAN[licence] ?? licence));
            assert.deepEqual(
                paragraph.get("License")?.split(" and ").sort(),
                sorted(["LGPL-2.1+", ...licences]),
                files,
            );
            const own = "2026 The RapidDisk Manager authors";
            const expected = sorted([own, ...packages.flatMap(({ text }) => holders(text))]);
            assert.deepEqual(sorted(lines(paragraph.get("Copyright"))), expected, files);
        }
    });

    it("have their text in debian/copyright, or the place where Debian has it", () => {
        const texts = new Map(
            paragraphs()
                .filter((fields) => !fields.has("Files"))
                .map((fields) => lines(fields.get("License")))
                .map(([name = "", ...text]) => [name, text.join(" ").replace(/\s+/g, " ")]),
        );
        for (const licence of sorted(all().map((one) => one.licence))) {
            const text = texts.get(DEBIAN[licence] ?? licence) ?? "";
            const debians = text.endsWith(` /usr/share/common-licenses/${licence}.`);
            assert.ok(debians || marks.get(licence)?.test(text), `${licence}: ${text}`);
        }
    });
});

describe("a bundled package", () => {
    let folder: ReturnType<typeof temporaryFolder>;
    before(() => (folder = temporaryFolder()));
    after(() => folder.remove());

    /** A bundle of one made-up package. */
    function bundleOf(name: string, license: string | undefined, files: Record<string, string>, bytes = 1): Bundled[] {
        const path = join(folder.path, "node_modules", name);
        mkdirSync(join(path, "vendor"), { recursive: true });
        writeFileSync(join(path, "package.json"), JSON.stringify({ name, version: "1.0.0", license }));
        for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
        const inputs = Object.keys(files).map((file) => [join(path, file), { bytesInOutput: bytes }] as const);
        const output = { bytes: 1, imports: [], exports: [], inputs: Object.fromEntries(inputs) };
        return bundled({ outputs: { "dist/x.cjs": output } });
    }

    it("without a licence file stops the build", () => {
        const error =
            /^Error: mute is bundled and has no licence file: write its notice to tools\/licences\/texts\/\.$/;
        assert.throws(() => bundleOf("mute", "MIT", { "index.js": "" }), error);
    });

    it("whose licence is unknown, or not the text that it ships, stops the build", () => {
        assert.throws(
            () => bundleOf("odd", "WTFPL", { LICENSE: "Do" }),
            /odd is bundled under WTFPL, which is not known/,
        );
        assert.throws(() => bundleOf("none", undefined, { LICENSE: "?" }), /none is bundled under no licence/);
        assert.throws(() => bundleOf("wrong", "ISC", { LICENSE: "MIT" }), /wrong does not have the text of ISC/);
    });

    it("that has the work of third parties in it stops the build", () => {
        const files = { LICENSE: "Apache License\n Version 2.0", "vendor/x.js": "" };
        assert.throws(() => bundleOf("carrier", "Apache-2.0", files), /vendor\/x\.js is not its package's own work/);
    });

    it("of which nothing is left in the output needs nothing", () => {
        assert.deepEqual(bundleOf("shaken", undefined, { "index.js": "" }, 0), []);
    });
});

describe("bill of materials", () => {
    interface Bill {
        components: { name: string; version: string; purl?: string; hashes?: unknown; "bom-ref": string }[];
        dependencies: { ref: string; dependsOn: string[] }[];
    }
    const lock = JSON.parse(readFileSync(join(TREE, "package-lock.json"), "utf8")) as {
        packages: Record<string, object>;
    };
    const product = { name: "product", version: "1.0.0", licence: "LGPL-2.1-or-later" };
    const bill = (packages: Bundled[]): Bill => JSON.parse(sbom(product, packages, lock)) as Bill;

    it("lists exactly what is bundled, and the same each time", () => {
        for (const packages of Object.values(bundles)) {
            const names = bill(packages).components.map(({ name, version }) => `${name} ${version}`);
            assert.deepEqual(
                names,
                packages.map(({ name, version }) => `${name} ${version}`),
            );
            assert.equal(sbom(product, packages, lock), sbom(product, packages, lock));
        }
    });

    it("says from what everything in it was reached", () => {
        for (const packages of Object.values(bundles)) {
            const { components, dependencies } = bill(packages);
            const reached = new Set(["product@1.0.0"]);
            for (const ref of reached) {
                for (const next of dependencies.find((one) => one.ref === ref)?.dependsOn ?? []) reached.add(next);
            }
            assert.deepEqual(sorted(reached), sorted(["product@1.0.0", ...components.map((one) => one["bom-ref"])]));
        }
    });

    it("has the address and the checksum of each package that was locked", () => {
        const locked = lock.packages["node_modules/ajv/node_modules/fast-uri"] as Record<string, string>;
        const { purl, hashes } = bill(all()).components.find(({ name }) => name === "fast-uri") ?? {};
        assert.equal(purl, `pkg:npm/fast-uri@${locked["version"]}`);
        const content = Buffer.from((locked["integrity"] ?? "").replace("sha512-", ""), "base64").toString("hex");
        assert.deepEqual(hashes, [{ alg: "SHA-512", content }]);
    });

    it("is not written for another version than was locked", () => {
        const [first] = bundles["dist/*.cjs"] ?? [];
        assert.ok(first);
        assert.throws(
            () => bill([{ ...first, version: "0.0.1" }]),
            /0\.0\.1 is installed, not what package-lock\.json says/,
        );
    });
});
