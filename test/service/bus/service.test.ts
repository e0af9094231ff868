// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { XMLValidator } from "fast-xml-parser";
import { type BusClient, Variant } from "../../../service/src/bus/index.js";
import { needsRoot, onEachBus } from "../harness/index.js";
import { itemInterface, NAME, ROOT, testInterface } from "./interfaces.js";
import { type BusFixture, startBusFixture } from "./fixture.js";

const PROPERTIES = "org.freedesktop.DBus.Properties";
const MANAGER = "org.freedesktop.DBus.ObjectManager";

onEachBus("a service on the bus", function (kind) {
    let fixture: BusFixture;
    let client: BusClient;

    before(async function () {
        needsRoot(this, kind);
        fixture = await startBusFixture(3, kind);
        client = fixture.client;
    });
    after(() => fixture?.stop());

    const call = (iface: string, member: string, signature = "", args: unknown[] = [], path = ROOT) =>
        client.call({ destination: NAME, path, interface: iface, member }, signature, args);

    async function tool(...command: string[]): Promise<string> {
        const { status, stdout, stderr } = await fixture.bus.run(command);
        assert.equal(status, 0, stderr);
        return stdout.trim();
    }

    it("understands busctl, and is understood by it, in every type", async () => {
        const given =
            "7 true -5 65535 -70000 4000000000 -9000000000000000000 18000000000000000000 1.5 häß /a/b a{sv}".split(" ");
        const rest = ["2", "one", "two", "3", "1", "2", "255", "1", "key", "(sb)", "in", "false", "end", "1", "8", "9"];
        const signature = "ybnqiuxtdsogasaya{sv}(sa(ut))";
        const command = [
            "busctl",
            "--system",
            "--json=short",
            "call",
            NAME,
            ROOT,
            testInterface.name,
            "Types",
            signature,
        ];
        const reply = JSON.parse(await tool(...command, "--", ...given, ...rest)) as { type: string };
        assert.equal(reply.type, signature);
        const plain = await tool(...command.filter((word) => word !== "--json=short"), "--", ...given, ...rest);
        assert.equal(
            plain,
            `${signature} 7 true -5 65535 -70000 4000000000 -9000000000000000000 18000000000000000000 1.5 ` +
                `"h\\303\\244\\303\\237" "/a/b" "a{sv}" 2 "one" "two" 3 1 2 255 1 "key" (sb) "in" false "end" 1 8 9`,
        );
    });

    it("understands gdbus, and is understood by it", async () => {
        const target = ["gdbus", "call", "--system", "-d", NAME, "-o", ROOT, "-m"];
        assert.equal(await tool(...target, `${testInterface.name}.Echo`, "häß"), "('häß',)");
        assert.equal(
            await tool(...target, `${testInterface.name}.Options`, "{'b': <true>, 'a': <[1, 2]>}"),
            "(['b', 'a'],)",
        );
        assert.match(await tool(...target, `${MANAGER}.GetManagedObjects`), /'Used': <uint64 \d+>/);
    });

    it("closes file descriptors that somebody sends", async () => {
        const open = () => readdirSync(`/proc/${fixture.pid}/fd`).length;
        const before = open();
        for (let times = 0; times < 3; times++) {
            const target = ["gdbus", "call", "--system", "-d", NAME, "-o", ROOT, "-m", `${testInterface.name}.None`];
            const { stderr } = await fixture.bus.run([...target, "@h 0"]);
            assert.match(stderr, /UnknownMethod/, "it came as far as the service");
        }
        assert.equal(open(), before);
    });

    it("introspects as valid XML with argument names, documentation and annotations", async () => {
        const [xml] = (await call("org.freedesktop.DBus.Introspectable", "Introspect")) as [string];
        assert.equal(XMLValidator.validate(xml), true);
        assert.ok(xml.includes('<arg name="milliseconds" type="u" direction="in">'), xml);
        assert.ok(xml.includes('value="For &#60;tests&#62; &#38; &#34;nothing&#34; else."'), xml);
        assert.ok(xml.includes('<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="const"/>'));
        assert.ok(xml.includes('<node name="items"/>'));
        const tree = await tool("busctl", "--system", "--list", "tree", NAME);
        assert.deepEqual(
            tree.split("\n").slice(-3),
            ["i0", "i1", "i2"].map((name) => `${ROOT}/items/${name}`),
        );
    });

    it("gives every property the same everywhere, whether it holds a value, a function or a promise", async () => {
        const [all] = (await call(PROPERTIES, "GetAll", "s", [testInterface.name])) as [Map<string, Variant>];
        assert.deepEqual([...all.keys()], ["Label", "Constant", "Counter", "Slow", "Stored"]);
        assert.deepEqual(all.get("Slow"), new Variant("s", "later"));
        assert.deepEqual(await call(PROPERTIES, "Get", "ss", [testInterface.name, "Slow"]), [
            new Variant("s", "later"),
        ]);
        assert.deepEqual(await call(PROPERTIES, "Get", "ss", ["", "Constant"]), [new Variant("u", 5)]);
        const first = (await call(PROPERTIES, "Get", "ss", [testInterface.name, "Counter"])) as [Variant<number>];
        const second = (await call(PROPERTIES, "Get", "ss", [testInterface.name, "Counter"])) as [Variant<number>];
        assert.equal(second[0].value, first[0].value + 1, "read each time");
        const [objects] = (await call(MANAGER, "GetManagedObjects")) as [
            Map<string, Map<string, Map<string, Variant>>>,
        ];
        assert.deepEqual(
            [...objects.keys()],
            ["i0", "i1", "i2"].map((name) => `${ROOT}/items/${name}`),
        );
        const item = objects.get(`${ROOT}/items/i1`)?.get(itemInterface.name);
        const [direct] = (await call(PROPERTIES, "GetAll", "s", [itemInterface.name], `${ROOT}/items/i1`)) as [
            Map<string, Variant>,
        ];
        item?.delete("Used");
        direct.delete("Used");
        assert.deepEqual(item, direct);
    });

    it("sends what changed before the reply, once, and nothing for what did not change", async () => {
        const events: string[] = [];
        const subscription = await client.subscribe({ sender: NAME }, ({ member, args, path }) => {
            const what =
                member === "PropertiesChanged" ? [...(args[1] as Map<string, unknown>).keys()].join() : String(args[0]);
            events.push(`${path.replace(ROOT, "")} ${member} ${what}`.trim());
        });
        events.push("call");
        await fixture.call("Change", "s", ["second"]);
        events.push("reply");
        await fixture.call("Change", "s", ["second"]);
        events.push("reply");
        await subscription.close();
        const added = [`InterfacesAdded ${ROOT}/items/new`, `InterfacesRemoved ${ROOT}/items/new`];
        assert.deepEqual(events, [
            "call",
            "PropertiesChanged Label",
            "/items/i0 PropertiesChanged Size",
            ...added,
            "reply",
            ...added,
            "reply",
        ]);
    });

    it("shows changes in GetManagedObjects, though it remembers encoded objects", async () => {
        await fixture.call("Change", "s", ["third"]);
        const [objects] = (await call(MANAGER, "GetManagedObjects")) as [
            Map<string, Map<string, Map<string, Variant>>>,
        ];
        assert.deepEqual(objects.get(`${ROOT}/items/i0`)?.get(itemInterface.name)?.get("Size"), new Variant("t", 77n));
    });

    it("lets a writable property be set", async () => {
        await call(PROPERTIES, "Set", "ssv", [testInterface.name, "Stored", new Variant("s", "kept")]);
        assert.deepEqual(await call(PROPERTIES, "Get", "ss", [testInterface.name, "Stored"]), [
            new Variant("s", "kept"),
        ]);
    });

    it("answers Peer on any path", async () => {
        assert.deepEqual(await call("org.freedesktop.DBus.Peer", "Ping", "", [], "/anywhere"), []);
        const id = readFileSync("/etc/machine-id", "ascii").trim();
        assert.deepEqual(await call("org.freedesktop.DBus.Peer", "GetMachineId"), [id]);
    });

    it("names what is wrong with arguments", async () => {
        await assert.rejects(call(testInterface.name, "Echo", "u", [5]), {
            errorName: "org.freedesktop.DBus.Error.InvalidArgs",
            message: 'org.rapiddisk.Test.Echo takes "s" (s text), not "u".',
        });
    });

    it("refuses a second owner of the name, and nobody else than root", async () => {
        const second = await fixture.bus.run([process.execPath, `${fixture.bus.directory}/subject.cjs`]);
        assert.match(second.stderr, /belongs to somebody else/);
        const stranger = await fixture.bus.run([process.execPath, `${fixture.bus.directory}/subject.cjs`], {
            uid: 65534,
        });
        assert.match(stranger.stderr, /not allowed to own the service|refused by policy/);
    });
});
