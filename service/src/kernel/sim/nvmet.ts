// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The NVMe target of the simulated kernel: the order of things and the errnos of the real one. */
import { isIP } from "node:net";
import { interfaceOf } from "../nvmet/network.js";
import { checkWrite, linkTarget, nodePath, nodeWords, refusalReason } from "../nvmet/node.js";
import type {
    NetworkState,
    NvmetFeatures,
    NvmetNode,
    NvmetTransport,
    NvmetTree,
    TargetSessions,
} from "../nvmet/types.js";
import { KernelError, type ModuleName } from "../port.js";
import type { SimMachine } from "./machine.js";

type Attributes = Record<string, string>;

/** What the simulated target remembers. */
export interface SimNvmetData {
    subsystems: Record<string, { attributes: Attributes; hosts: string[]; namespaces: Record<string, Attributes> }>;
    ports: Record<string, { attributes: Attributes; links: string[] }>;
    /** Numbers of the directories of these and of hosts, by their paths. */
    inodes: Record<string, number>;
    lastInode: number;
    /** The device that each enabled namespace has open, by its NQN and number. */
    opened: Record<string, string>;
    hosts: Record<string, Attributes>;
    features: NvmetFeatures;
    network: NetworkState;
    sessions: TargetSessions;
}

/** Makes an empty target on a host with one network card. */
export function freshNvmet(): SimNvmetData {
    const address = (name: string, family: "ipv4" | "ipv6", text: string) => ({
        interface: name,
        family,
        address: text,
    });
    return {
        subsystems: {},
        ports: {},
        inodes: {},
        lastInode: 1000,
        opened: {},
        hosts: {},
        features: { auth: true, tls: true, tlshd: false },
        network: {
            hostname: "simhost",
            addresses: [
                address("lo", "ipv4", "127.0.0.1"),
                address("lo", "ipv6", "::1"),
                address("eth0", "ipv4", "192.0.2.10"),
                address("eth0", "ipv6", "2001:db8::10"),
                address("eth0", "ipv6", "fe80::10"),
            ],
            rdma: false,
            listeners: [],
        },
        sessions: { controllers: undefined, tcp: [], loop: [] },
    };
}

const MODULE_OF: Record<string, ModuleName> = { tcp: "nvmet_tcp", rdma: "nvmet_rdma", loop: "nvme_loop" };
const DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What may be written to an attribute; those that are not here may hold anything. */
const VALUES: Record<string, RegExp> = {
    attr_allow_any_host: /^[01]$/,
    attr_serial: /^[ -~]{1,20}$/,
    attr_model: /^[ -~]{1,40}$/,
    attr_qid_max: /^([1-9]|[1-9][0-9]|1[01][0-9]|12[0-8])$/,
    device_uuid: UUID,
    device_nguid: /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/,
    enable: /^[01]$/,
    revalidate_size: /^1$/,
    addr_trtype: /^(tcp|rdma|loop|fc)$/,
    addr_adrfam: /^(ipv4|ipv6|ib|fc|loop)$/,
    addr_tsas: /^(none|tls1\.3)$/,
    dhchap_key: /^(DHHC-1:0[0-3]:.*|)$/,
    dhchap_ctrl_key: /^(DHHC-1:0[0-3]:.*|)$/,
    dhchap_hash: /^hmac\(sha(256|384|512)\)$/,
    dhchap_dhgroup: /^(null|ffdhe(2048|3072|4096|6144|8192))$/,
};

const NEW_PORT: Attributes = { addr_trtype: "", addr_adrfam: "", addr_traddr: "", addr_trsvcid: "" };
const NEW_NAMESPACE: Attributes = { device_path: "", enable: "0", revalidate_size: "" };
const NEW_HOST: Attributes = {
    dhchap_key: "",
    dhchap_ctrl_key: "",
    dhchap_hash: "hmac(sha256)",
    dhchap_dhgroup: "null",
};

/** The rules. Every method is one atomic change or one reading. */
export class SimNvmet {
    private count = 0;
    /** Controllers that were connected and would be again. */
    private waiting: { nqn: string; port: number; host: string }[] = [];

    constructor(private readonly machine: SimMachine) {}

    private get data(): SimNvmetData {
        return this.machine.data.nvmet;
    }

    private get present(): boolean {
        return this.machine.data.loaded.includes("nvmet");
    }

    tree(): NvmetTree {
        if (!this.present) return { present: false, subsystems: [], ports: [], hosts: [] };
        const { subsystems, ports, hosts } = this.data;
        const numeric = (a: string, b: string): number => Number(a) - Number(b);
        return {
            present: true,
            subsystems: Object.keys(subsystems)
                .sort()
                .flatMap((nqn) => subsystems[nqn] ?? [])
                .map(({ attributes, hosts: allowed, namespaces }, at) => ({
                    nqn: Object.keys(subsystems).sort()[at] ?? "",
                    inode: this.inode(`subsystems/${Object.keys(subsystems).sort()[at] ?? ""}`),
                    allowAnyHost: attributes.attr_allow_any_host === "1",
                    serial: attributes.attr_serial ?? "",
                    model: attributes.attr_model ?? "",
                    hosts: [...allowed].sort(),
                    namespaces: Object.keys(namespaces)
                        .sort(numeric)
                        .map((id) => ({
                            id: Number(id),
                            devicePath: namespaces[id]?.device_path ?? "",
                            uuid: namespaces[id]?.device_uuid ?? "",
                            nguid: namespaces[id]?.device_nguid ?? "",
                            enabled: namespaces[id]?.enable === "1",
                        })),
                })),
            ports: Object.keys(ports)
                .sort(numeric)
                .map((id) => {
                    const { attributes = NEW_PORT, links = [] } = ports[id] ?? {};
                    return {
                        id: Number(id),
                        transport: attributes.addr_trtype as NvmetTransport,
                        family: attributes.addr_adrfam ?? "",
                        address: attributes.addr_traddr ?? "",
                        service: attributes.addr_trsvcid ?? "",
                        interface: interfaceOf(this.data.network.addresses, attributes.addr_traddr ?? ""),
                        tls: attributes.addr_tsas === "tls1.3",
                        subsystems: [...links].sort(),
                        inode: this.inode(`ports/${id}`),
                    };
                }),
            hosts: Object.keys(hosts)
                .sort()
                .map((nqn) => ({
                    nqn,
                    hasKey: (hosts[nqn]?.dhchap_key ?? "") !== "",
                    hasControllerKey: (hosts[nqn]?.dhchap_ctrl_key ?? "") !== "",
                    inode: this.inode(`hosts/${nqn}`),
                })),
        };
    }

    features(): NvmetFeatures {
        return this.present ? { ...this.data.features } : { auth: false, tls: false, tlshd: false };
    }

    /** Lists the NQNs under which a device is exported now: its enabled namespaces. */
    exportsOf(path: string): string[] {
        return Object.entries(this.data.subsystems).flatMap(([nqn, { namespaces }]) =>
            Object.values(namespaces).some((one) => one.enable === "1" && one.device_path === path) ? [nqn] : [],
        );
    }

    /** Tells whether an enabled namespace has a device open. */
    holds(device: string): boolean {
        return Object.values(this.data.opened).includes(device);
    }

    private inode(path: string): number {
        return this.data.inodes[path] ?? 0;
    }

    create(node: NvmetNode): void {
        this.make(node);
        this.data.inodes[nodePath(node)] = ++this.data.lastInode;
    }

    private make(node: NvmetNode): void {
        const fail = this.failure(node, "create");
        nodePath(node);
        const { subsystems, ports, hosts } = this.data;
        switch (node.kind) {
            case "subsystem":
                if (node.nqn === DISCOVERY) throw fail("EINVAL");
                if (subsystems[node.nqn]) throw fail("EEXIST");
                subsystems[node.nqn] = {
                    attributes: {
                        attr_allow_any_host: "0",
                        attr_serial: `random${++this.count}`,
                        attr_model: "Linux",
                        attr_qid_max: "128",
                    },
                    hosts: [],
                    namespaces: {},
                };
                return;
            case "namespace": {
                const { namespaces } = this.subsystem(node.nqn, fail);
                if (namespaces[node.id]) throw fail("EEXIST");
                const uuid = `00000000-0000-4000-8000-${String(++this.count).padStart(12, "0")}`;
                namespaces[node.id] = { ...NEW_NAMESPACE, device_uuid: uuid, device_nguid: "0".repeat(32) };
                return;
            }
            case "port":
                if (ports[node.id]) throw fail("EEXIST");
                ports[node.id] = {
                    attributes: { ...NEW_PORT, ...(this.data.features.tls ? { addr_tsas: "none" } : {}) },
                    links: [],
                };
                return;
            case "host":
                if (hosts[node.host]) throw fail("EEXIST");
                hosts[node.host] = this.data.features.auth ? { ...NEW_HOST } : {};
                return;
            case "allowed-host": {
                const { attributes, hosts: allowed } = this.subsystem(node.nqn, fail);
                if (!hosts[node.host]) throw fail("ENOENT");
                if (allowed.includes(node.host)) throw fail("EEXIST");
                if (attributes.attr_allow_any_host === "1") throw fail("EINVAL");
                allowed.push(node.host);
                return;
            }
            case "port-link":
                this.linkPort(node.port, node.nqn, fail);
        }
    }

    private linkPort(id: number, nqn: string, fail: (errno: string) => KernelError): void {
        this.subsystem(nqn, fail);
        const port = this.data.ports[id];
        if (!port) throw fail("ENOENT");
        if (port.links.includes(nqn)) throw fail("EEXIST");
        if (port.links.length === 0) this.enablePort(id, port.attributes, fail);
        port.links.push(nqn);
        this.reconnect(id, nqn);
    }

    /** Off a port every controller is gone there; its host tries to come back. */
    private disconnect(id: number, nqn: string): void {
        const { sessions } = this.data;
        const lost = sessions.controllers?.filter((one) => one.port === id && one.nqn === nqn) ?? [];
        this.waiting.push(...lost);
        if (lost.length > 0) sessions.controllers = sessions.controllers?.filter((one) => !lost.includes(one));
    }

    /** Hosts that wait for it connect again; the target sends away for good who may not. */
    private reconnect(id: number, nqn: string): void {
        const { sessions, subsystems } = this.data;
        const trying = this.waiting.filter((one) => one.port === id && one.nqn === nqn);
        this.waiting = this.waiting.filter((one) => !trying.includes(one));
        const may = (host: string): boolean =>
            subsystems[nqn]?.attributes.attr_allow_any_host === "1" || subsystems[nqn]?.hosts.includes(host) === true;
        sessions.controllers?.push(...trying.filter((one) => may(one.host)));
    }

    /** The first link opens the listener. */
    private enablePort(id: number, attributes: Attributes, fail: (errno: string) => KernelError): void {
        const {
            addr_trtype: transport = "",
            addr_adrfam: family,
            addr_traddr: address = "",
            addr_trsvcid: service,
        } = attributes;
        const module = MODULE_OF[transport];
        if (!module || !this.machine.data.available.includes(module)) throw fail("EINVAL");
        if (!this.machine.data.loaded.includes(module)) this.machine.data.loaded.push(module);
        if (transport === "loop") return;
        if (isIP(address) !== (family === "ipv4" ? 4 : 6)) throw fail("EINVAL");
        if (!/^\d{1,5}$/.test(service ?? "") || Number(service) > 65535) throw fail("EINVAL");
        const { network } = this.data;
        const local = network.addresses.some((one) => one.address === address.replace(/%.*$/, ""));
        const any = address === "0.0.0.0" || address === "::" || /^127\./.test(address);
        if (!local && !any) throw fail("EADDRNOTAVAIL");
        if (transport === "rdma" && !network.rdma) throw fail("ENODEV");
        const same = (one: { attributes: Attributes; links: string[] }): boolean =>
            one.links.length > 0 &&
            one.attributes.addr_trtype === transport &&
            one.attributes.addr_traddr === address &&
            one.attributes.addr_trsvcid === service;
        const other = Object.entries(this.data.ports).some(([key, one]) => key !== String(id) && same(one));
        const foreign = network.listeners.some((one) => one.address === address && one.port === Number(service));
        if (other || (transport === "tcp" && foreign)) throw fail("EADDRINUSE");
    }

    write(node: NvmetNode, attribute: string, value: string): void {
        checkWrite(attribute, value);
        const fail = this.failure(node, `set ${attribute} of`);
        const attributes = this.attributes(node, fail);
        if (!Object.hasOwn(attributes, attribute)) {
            throw new KernelError("ENOTSUP", `The NVMe target of this kernel has no ${attribute} (ENOTSUP).`);
        }
        if (VALUES[attribute]?.test(value) === false) throw fail("EINVAL");
        if (node.kind === "port" && (this.data.ports[node.id]?.links.length ?? 0) > 0) throw fail("EACCES");
        if (node.kind === "namespace") {
            if (attribute.startsWith("device_") && attributes.enable === "1") throw fail("EBUSY");
            if (attribute === "enable") {
                const { opened } = this.data;
                const id = `${node.nqn} ${node.id}`;
                if (value === "0") delete opened[id];
                else if (attributes.enable !== "1") opened[id] = this.enable(attributes, fail);
            }
            if (attribute === "revalidate_size") {
                if (attributes.enable !== "1") throw fail("EINVAL");
                return;
            }
        }
        if (node.kind === "subsystem" && attribute === "attr_allow_any_host" && value === "1") {
            if (this.subsystem(node.nqn, fail).hosts.length > 0) throw fail("EINVAL");
        }
        attributes[attribute] = value;
    }

    /** The device that it opens: it stays that one, whatever its name comes to mean. */
    private enable(attributes: Attributes, fail: (errno: string) => KernelError): string {
        if ((attributes.device_path ?? "") === "") throw fail("EINVAL");
        const device = this.machine.lookUp(attributes.device_path ?? "");
        if (device === undefined) throw fail("ENOENT");
        if (this.machine.data.readOnly.includes(device)) throw fail("EACCES");
        if (this.machine.isStore(device)) throw fail("EBUSY");
        return device;
    }

    read(node: NvmetNode, attribute: string): string {
        const fail = this.failure(node, `read ${attribute} of`);
        const value = this.attributes(node, fail)[attribute];
        if (value === undefined) {
            throw new KernelError("ENOTSUP", `The NVMe target of this kernel has no ${attribute} (ENOTSUP).`);
        }
        return value;
    }

    remove(node: NvmetNode): void {
        const fail = this.failure(node, "remove");
        nodePath(node);
        const { subsystems, ports, hosts } = this.data;
        const all = Object.values(subsystems);
        switch (node.kind) {
            case "subsystem": {
                const one = this.subsystem(node.nqn, fail);
                if (Object.values(ports).some(({ links }) => links.includes(node.nqn))) throw fail("EBUSY");
                if (one.hosts.length > 0 || Object.keys(one.namespaces).length > 0) throw fail("ENOTEMPTY");
                delete subsystems[node.nqn];
                return;
            }
            case "namespace": {
                const { namespaces } = this.subsystem(node.nqn, fail);
                if (!namespaces[node.id]) throw fail("ENOENT");
                if (namespaces[node.id]?.enable === "1") throw fail("EBUSY");
                delete namespaces[node.id];
                delete this.data.opened[`${node.nqn} ${node.id}`];
                return;
            }
            case "port":
                if (!ports[node.id]) throw fail("ENOENT");
                if ((ports[node.id]?.links.length ?? 0) > 0) throw fail("ENOTEMPTY");
                delete ports[node.id];
                return;
            case "host":
                if (!hosts[node.host]) throw fail("ENOENT");
                if (all.some((one) => one.hosts.includes(node.host))) throw fail("EBUSY");
                delete hosts[node.host];
                return;
            case "allowed-host":
                this.dropFrom(this.subsystem(node.nqn, fail).hosts, node.host, fail);
                return;
            case "port-link":
                this.dropFrom(ports[node.port]?.links ?? [], node.nqn, fail);
                this.disconnect(node.port, node.nqn);
        }
    }

    private dropFrom(list: string[], item: string, fail: (errno: string) => KernelError): void {
        const at = list.indexOf(item);
        if (at < 0) throw fail("ENOENT");
        list.splice(at, 1);
    }

    private subsystem(nqn: string, fail: (errno: string) => KernelError): SimNvmetData["subsystems"][string] {
        const one = this.data.subsystems[nqn];
        if (!one) throw fail("ENOENT");
        return one;
    }

    private attributes(node: NvmetNode, fail: (errno: string) => KernelError): Attributes {
        nodePath(node);
        const { ports, hosts } = this.data;
        const found =
            node.kind === "subsystem"
                ? this.data.subsystems[node.nqn]?.attributes
                : node.kind === "namespace"
                  ? this.data.subsystems[node.nqn]?.namespaces[node.id]
                  : node.kind === "port"
                    ? ports[node.id]?.attributes
                    : node.kind === "host"
                      ? hosts[node.host]
                      : undefined;
        if (!found || linkTarget(node) !== undefined) throw fail("ENOENT");
        return found;
    }

    /** Refusals in the words of the real kernel's adapter; a secret is never part of them. */
    private failure(node: NvmetNode, verb: string): (errno: string) => KernelError {
        const what = `${verb} ${nodeWords(node)}`;
        if (!this.present) {
            throw new KernelError(
                "ENOSYS",
                `Cannot ${what}: the module nvmet is not loaded, or configfs is not mounted.`,
            );
        }
        return (errno) => {
            const why = refusalReason(node, errno);
            return new KernelError(errno, `The kernel refused to ${what} (${errno})${why ? `: ${why}` : ""}.`);
        };
    }
}
