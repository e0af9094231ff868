// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { lstatSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { parseArgs } from "node:util";
import { settingLines, withoutBlanks } from "../system/settings.js";
import { isScope, type Scope } from "../facts/scopes.js";

/** A TCP address to listen on. */
export interface Address {
    host: string;
    port: number;
}

/** What the bridge is told by its settings file and its command line. */
export interface Settings {
    /** Where to listen when systemd passes no sockets. */
    listen: Address[];
    /** Unix socket of the administrator, when systemd passes none; undefined: none. */
    adminSocket: string | undefined;
    /** Names that a Host header may have, besides those of the loopback. */
    hosts: string[];
    /** Scopes that anybody may have here, whatever a token says. */
    scopes: Scope[];
    /** What v1 answers with: codes that say what happened, or 200 for almost everything as rapiddisk 9 did. */
    v1Status: "honest" | "upstream";
    /** Whether v1 may be used on the loopback by everybody, as in rapiddisk 9. */
    insecureV1: boolean;
    /** Seconds without a request after which the process ends, when systemd starts it again at the next; 0: never. */
    idleExit: number;
    tls: TlsSettings | undefined;
}

/** Files are in PEM. */
export interface TlsSettings {
    certificate: string;
    key: string;
    /** Authorities whose client certificates are accepted. */
    clientCa: string | undefined;
    /** Scope of a client certificate, by its subject's common name. */
    clients: Map<string, Scope>;
}

/** Where the settings are, unless the command line says so. */
export const SETTINGS_FILE = "/etc/rapiddisk/rest.conf";
/** The port of rapiddisk 9. */
export const DEFAULT_PORT = 9118;

/** A setting or option that cannot be understood. A security setting is never guessed: the bridge does not start. */
export class SettingsError extends Error {
    override name = "SettingsError";
}

export function defaults(): Settings {
    return {
        listen: [
            { host: "127.0.0.1", port: DEFAULT_PORT },
            { host: "::1", port: DEFAULT_PORT },
        ],
        adminSocket: undefined,
        hosts: [],
        scopes: ["read", "operate"],
        v1Status: "honest",
        insecureV1: false,
        idleExit: 300,
        tls: undefined,
    };
}

/** What is wrong with an address beyond the loopback when there are no certificates. */
export const NEEDS_TLS =
    "An address that can be reached from elsewhere needs TLS: set tls-certificate and tls-key, or listen on 127.0.0.1 or [::1].";

/** Whether an address can be reached from this host only (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export function isLoopback(host: string): boolean {
    const plain = host.replace(/^::ffff:/i, "");
    return plain === "localhost" || plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** Reads ADDRESS:PORT, [ADDRESS]:PORT or PORT. @throws SettingsError */
export function parseAddress(text: string): Address {
    const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+|localhost)):)?([0-9]{1,5})$/.exec(text);
    const named = match?.[1] ?? match?.[2] ?? "127.0.0.1";
    const host = named === "localhost" ? "127.0.0.1" : named;
    const port = Number(match?.[3]);
    if (match === null || port > 65535 || isIP(host) === 0) {
        throw new SettingsError(`"${text}" is not a valid address: write 127.0.0.1:9118, [::1]:9118 or 9118.`);
    }
    return { host, port };
}

/** Reads an address of the settings file: one with a port that others can know. @throws SettingsError */
function parseFixedAddress(text: string): Address {
    const address = parseAddress(text);
    if (address.port === 0) {
        throw new SettingsError(`"${text}" has no port of its own; write a number from 1 to 65535.`);
    }
    return address;
}

function words(text: string): string[] {
    return text.split(/[ \t,]+/).filter((word) => word !== "");
}

function absolute(path: string): string {
    if (!path.startsWith("/")) {
        throw new SettingsError(`it must be an absolute path, not "${path}".`);
    }
    return path;
}

function oneOf<T extends string>(value: string, ...allowed: T[]): T {
    const found = allowed.find((one) => one === value);
    if (found === undefined) {
        throw new SettingsError(`it must be ${allowed.join(" or ")}, not "${value}".`);
    }
    return found;
}

const READERS: Readonly<Record<string, (settings: Settings, value: string, tls: TlsSettings) => void>> = {
    listen: (settings, value) => (settings.listen = words(value).map(parseFixedAddress)),
    hosts(settings, value) {
        const wrong = words(value).find((word) => !/^[A-Za-z0-9._:-]+$/.test(word));
        if (wrong !== undefined) {
            throw new SettingsError(`"${wrong}" is not a valid host name: write a name as in DNS, or an address.`);
        }
        settings.hosts = words(value).map((name) => name.toLowerCase());
    },
    scopes(settings, value) {
        const wrong = words(value).find((word) => !isScope(word));
        if (wrong !== undefined) {
            throw new SettingsError(`"${wrong}" is not a valid scope: there are read, operate, admin.`);
        }
        settings.scopes = words(value).filter(isScope);
    },
    "v1-status": (settings, value) => (settings.v1Status = oneOf(value, "honest", "upstream")),
    "insecure-open-v1": (settings, value) => (settings.insecureV1 = oneOf(value, "yes", "no") === "yes"),
    "idle-exit"(settings, value) {
        if (!/^[0-9]{1,6}$/.test(value)) {
            throw new SettingsError(`it must be a number of seconds, 0 for never, not "${value}".`);
        }
        settings.idleExit = Number(value);
    },
    "tls-certificate": (_settings, value, tls) => (tls.certificate = absolute(value)),
    "tls-key": (_settings, value, tls) => (tls.key = absolute(value)),
    "tls-client-ca": (_settings, value, tls) => (tls.clientCa = absolute(value)),
    "tls-clients"(_settings, value, tls) {
        const entries = value.split(",").map(withoutBlanks);
        for (const entry of entries.filter((one) => one !== "")) {
            const [name, scope] = [entry.slice(0, entry.lastIndexOf(":")), entry.slice(entry.lastIndexOf(":") + 1)];
            // A blank is part of a name: what looks like two entries without a comma is not taken for one.
            if (name === "" || !isScope(scope) || /:(read|operate|admin)[ \t]/.test(entry)) {
                throw new SettingsError(`"${entry}" is not NAME:SCOPE with a scope of read, operate or admin.`);
            }
            if (tls.clients.has(name)) {
                throw new SettingsError(`"${name}" is there twice.`);
            }
            tls.clients.set(name, scope);
        }
    },
};

/**
 * Reads the text of a settings file.
 * @throws SettingsError with the line; nothing is skipped, for it may be what keeps others out
 */
export function parseSettings(text: string, settings: Settings = defaults()): Settings {
    const tls: TlsSettings = { certificate: "", key: "", clientCa: undefined, clients: new Map() };
    for (const { line, name, value, problem } of settingLines(text)) {
        if (problem !== undefined) {
            throw new SettingsError(`line ${line}: ${problem}`);
        }
        const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
        if (read === undefined) {
            const known = Object.keys(READERS).join(", ");
            throw new SettingsError(
                `line ${line}: the setting ${JSON.stringify(name)} is unknown; there are ${known}.`,
            );
        }
        try {
            read(settings, value, tls);
        } catch (error) {
            throw new SettingsError(`line ${line}: ${name}: ${(error as Error).message}`);
        }
    }
    if ((tls.certificate === "") !== (tls.key === "")) {
        throw new SettingsError("tls-certificate and tls-key belong together.");
    }
    if (tls.certificate === "" && (tls.clientCa !== undefined || tls.clients.size > 0)) {
        throw new SettingsError("tls-client-ca and tls-clients need tls-certificate and tls-key.");
    }
    if (tls.clientCa === undefined && tls.clients.size > 0) {
        throw new SettingsError("tls-clients needs tls-client-ca.");
    }
    if (tls.certificate === "" && settings.listen.some(({ host }) => !isLoopback(host))) {
        throw new SettingsError(NEEDS_TLS);
    }
    return { ...settings, tls: tls.certificate === "" ? undefined : tls };
}

const USAGE = `Usage: rapiddisk-rest [options]
  --listen ADDRESS         address and port, for example 127.0.0.1:9118, [::1]:9118 or 9118; may be given several times
  --port PORT, -p PORT     the same as --listen 127.0.0.1:PORT
  --admin-socket PATH      also serve the administrator on this unix socket (mode 0660)
  --config FILE            settings (default ${SETTINGS_FILE})
  --help, --version

Sockets that systemd passes are used in place of the addresses.
`;

/**
 * Reads command line and settings file.
 * @returns settings, or text to print instead of working
 * @throws SettingsError, or an Error of parseArgs, with a sentence for a person
 */
export function readSettings(argv: string[], version: string): { settings: Settings } | { print: string } {
    const { values } = parseArgs({
        args: argv,
        options: {
            listen: { type: "string", multiple: true },
            port: { type: "string", short: "p" },
            "admin-socket": { type: "string" },
            config: { type: "string" },
            help: { type: "boolean", default: false },
            version: { type: "boolean", default: false },
        },
        allowPositionals: false,
    });
    if (values.help || values.version) {
        return { print: values.version ? `rapiddisk-rest ${version}\n` : USAGE };
    }
    const settings = readFile(values.config);
    const given = [...(values.listen ?? []), ...(values.port === undefined ? [] : [values.port])];
    return {
        settings: {
            ...settings,
            listen: given.length > 0 ? given.map(parseAddress) : settings.listen,
            adminSocket: values["admin-socket"],
        },
    };
}

function isLink(path: string): boolean {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function readFile(path: string | undefined): Settings {
    let text: string;
    try {
        text = readFileSync(path ?? SETTINGS_FILE, "utf8");
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // A link that leads nowhere was meant to lead to settings.
        if (code === "ENOENT" && path === undefined && !isLink(SETTINGS_FILE)) {
            return defaults();
        }
        throw new SettingsError(`The settings ${path ?? SETTINGS_FILE} cannot be read (${code}).`);
    }
    try {
        return parseSettings(text);
    } catch (error) {
        throw new SettingsError(`${path ?? SETTINGS_FILE}: ${(error as Error).message}`);
    }
}
