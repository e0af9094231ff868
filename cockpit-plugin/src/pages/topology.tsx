// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Fragment } from "preact";
import { useMemo } from "react";
import { Mark } from "../components/mark.js";
import { Message } from "../components/states.js";
import { useChunks } from "../lib/chunks.js";
import { bytes } from "../lib/bytes.js";
import { N_, _ } from "../lib/gettext.js";
import { useConnections } from "../state/polledstate.js";
import { madeOutside } from "../state/list.js";
import type { Cache, Export, Volume } from "../state/objects.js";
import { topology, type TopologyNode } from "../state/topology.js";
import { useStore } from "../state/use.js";
import { PathLink } from "./link.js";
import { modeName, userWords, whoMay } from "./words.js";
import "./topology.css";

const kinds: Readonly<Record<TopologyNode["what"], string>> = {
    volume: N_("RAM disk"),
    cache: N_("Cache"),
    origin: N_("Origin"),
    device: N_("Device made outside"),
    user: N_("User"),
    export: N_("NVMe export"),
    host: N_("Connected host"),
    unknown: N_("Connected hosts"),
};

const looks: Readonly<Record<TopologyNode["what"], string>> = {
    volume: "rd-node-volume",
    cache: "rd-node-cache",
    origin: "",
    device: "",
    user: "",
    export: "rd-node-export",
    host: "rd-node-host",
    unknown: "",
};

/** From each RAM disk to its caches, the disks behind them, who uses them, exports, and connected hosts: lists in lists. */
export function Topology() {
    const volumes = useStore((state) => state.volumes);
    const caches = useStore((state) => state.caches);
    const exports = useStore((state) => state.exports);
    const paths = useMemo(() => [...exports.keys()], [exports]);
    const connections = useConnections(paths);
    const trees = useMemo(
        () => topology({ volumes, caches, exports }, connections),
        [volumes, caches, exports, connections],
    );
    const drawn = useChunks(trees.length);
    return (
        <>
            {trees.length === 0 ? (
                <Message title={_("There is nothing yet")} icon="nothing" test="no-topology" level="h2" />
            ) : (
                <ul className="rd-tree" data-test="topology">
                    {trees.slice(0, drawn).map((node) => (
                        <Branch key={node.key} node={node} />
                    ))}
                </ul>
            )}
        </>
    );
}

function Branch({ node }: { node: TopologyNode }) {
    return (
        <li>
            <div className={`rd-node ${looks[node.what]}`} data-node={node.what} data-path={node.object?.path}>
                <span className="rd-quiet">{_(kinds[node.what])}</span>
                <strong>
                    {node.object ? <PathLink path={node.object.path} otherwise={node.text} /> : <Text node={node} />}
                </strong>
                <span className="rd-quiet">{detail(node)}</span>
                {node.object && madeOutside(node.object) && (
                    <span>
                        <Mark tone="warn" test="outside">
                            {_("Made outside")}
                        </Mark>
                    </span>
                )}
            </div>
            {node.on.length > 0 && (
                <ul>
                    {node.on.map((next) => (
                        <Branch key={next.key} node={next} />
                    ))}
                </ul>
            )}
        </li>
    );
}

function Text({ node }: { node: TopologyNode }) {
    if (node.what === "unknown") return <Fragment>{_("It cannot be told")}</Fragment>;
    return <Fragment>{node.user ? userWords(node.user) : node.text}</Fragment>;
}

function detail({ what, object }: TopologyNode): string {
    switch (what) {
        case "volume":
            return bytes((object as Volume).Size);
        case "cache":
            return modeName((object as Cache).Mode);
        case "export":
            return whoMay(object as Export);
        case "origin":
        case "device":
        case "user":
        case "host":
        case "unknown":
            return "";
    }
}
