// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { buildPage } from "../../../cockpit-plugin/esbuild.mjs";

/** What a browser may have to load for the page, compressed, in bytes. */
const BUDGET = 160 * 1024;

describe("page: what is built", () => {
    let out: string;
    const text = (name: string): string => {
        const content = readFileSync(join(out, name));
        return (name.endsWith(".gz") ? gunzipSync(content) : content).toString();
    };

    before(async () => {
        out = mkdtempSync(join(tmpdir(), "rapiddisk-bundle-"));
        await buildPage(out);
    });
    after(() => rmSync(out, { recursive: true, force: true }));

    it("is at most 160 KiB to transfer, in the language that needs most", () => {
        const sent = (name: string): number => {
            const content = readFileSync(join(out, name));
            return name.endsWith(".gz") ? content.length : gzipSync(content, { level: 9 }).length;
        };
        const [languages, rest] = [
            readdirSync(out).filter((name) => name.startsWith("po.")),
            readdirSync(out).filter((name) => !name.startsWith("po.")),
        ];
        const total = rest.reduce((sum, name) => sum + sent(name), 0) + Math.max(0, ...languages.map(sent));
        assert.ok(
            total <= BUDGET,
            `${total} bytes of ${BUDGET}: ${rest.map((name) => `${name} ${sent(name)}`).join(", ")}`,
        );
    });

    it("has the styles of both themes and of high contrast, and none of other products", () => {
        const styles = text("index.css.gz");
        for (const theme of ["pf-v6-theme-dark", "pf-v6-theme-high-contrast"]) assert.ok(styles.includes(theme), theme);
        assert.doesNotMatch(styles, /theme-(felt|redhat)/);
    });

    it("takes fonts from the host and nothing from elsewhere", () => {
        const addresses = [...text("index.css.gz").matchAll(/url\(["']?([^"')]+)/g)].map(([, address = ""]) => address);
        assert.ok(addresses.some((address) => address.startsWith("../../static/fonts/")));
        const elsewhere = addresses.filter((address) => !/^(\.\.\/\.\.\/static\/|data:)/.test(address));
        assert.deepEqual(elsewhere, []);
    });

    it("needs no exception from Cockpit's content security policy", () => {
        assert.equal("content-security-policy" in (JSON.parse(text("manifest.json")) as object), false);
        const html = text("index.html");
        assert.doesNotMatch(html, /<script>|<style|style=|\son\w+=/);
        assert.doesNotMatch(text("index.js.gz"), /\beval\(|new Function\(/);
    });
});
