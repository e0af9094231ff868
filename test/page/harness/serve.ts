// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What test/page/serve runs: the page for a person who works on it, built again when its source changes. */
import { rmSync, watch } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { wallClock } from "../../../service/src/clock.js";
import { startHost } from "./host.js";
import { crowd, fill } from "./sample.js";
import { REPOSITORY, stageProduct } from "./product.js";

const { values } = parseArgs({
    options: {
        port: { type: "string" },
        login: { type: "boolean", default: false },
        objects: { type: "string" },
        empty: { type: "boolean", default: false },
        once: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
    },
});
if (values.help) {
    console.log(`test/page/serve: Cockpit with our page, on the simulated kernel, until Ctrl-C
  --port N      port of 127.0.0.1 (default: a free one)
  --objects N   that many volumes in place of the samples
  --empty       no objects
  --login       with a login as "admin" in place of root's own session
  --once        do not build the page again when its source changes`);
    process.exit(0);
}

const { buildPage } = (await import(join(REPOSITORY, "cockpit-plugin/esbuild.mjs"))) as {
    buildPage: (out: string) => Promise<unknown>;
};

// The link in the tree points to where the host's directory is mounted; the page is copied there whenever it is built.
const stage = await stageProduct("/run/rapiddisk-test/page");
const host = await startHost({
    stage,
    login: values.login,
    prepare: (directory) => buildPage(join(directory, "page")),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
});
const publish = () => buildPage(join(host.directory, "page"));

const stop = async (): Promise<never> => {
    await host.stop();
    rmSync(stage, { recursive: true, force: true });
    process.exit(0);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => void stop());

await host.startService();
if (values.objects !== undefined) await crowd(host, Number(values.objects));
else if (!values.empty) await fill(host);
console.log(`${host.url}/rapiddisk`);
if (values.login) console.log(`user: admin   password: ${host.password}`);
console.log(`the host's directory: ${host.directory}`);

if (!values.once) {
    let timer: NodeJS.Timeout | undefined;
    watch(join(REPOSITORY, "cockpit-plugin"), { recursive: true }, () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
            publish().then(
                () => console.log(`built again at ${new Date(wallClock()).toLocaleTimeString()}`),
                () => console.log("the build failed; the page stays as it was"),
            );
        }, 300);
    });
} else {
    setInterval(() => undefined, 1 << 30);
}
