// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
// Generated from dbus/*.xml by tools/generate.ts: do not edit.
import type { Variant } from "../bus/api.js";

/** A dictionary to send: a Map or a plain object. */
export type Dictionary<V> = ReadonlyMap<string, V> | Readonly<Record<string, V>>;

/** Properties of org.rapiddisk.Manager. */
export interface ManagerProperties {
    /** Version of the service. */
    readonly Version: string;
    /** Version of this interface: 1. Within it, members are only ever added. */
    readonly ApiVersion: number;
    /** What this host can do now, one word each: volumes, cache-write-through, cache-write-around, cache-writeback, nvme-tcp, nvme-rdma, nvme-loop, nvme-auth, nvme-tls. A feature counts when its kernel module is loaded or can be loaded; nvme-auth and nvme-tls once the target is loaded and was found to have them. */
    readonly Features: string[];
    /** Kernel modules that the service uses, by name, and whether each is loaded. */
    readonly Modules: Map<string, boolean>;
    /** RAM of the host, in bytes. */
    readonly MemoryTotal: bigint;
    /** RAM that could be allocated now without swapping, in bytes. Read when asked, not signalled. */
    readonly MemoryAvailable: bigint;
    /** RAM held by volumes, in bytes. Read when asked, not signalled. */
    readonly MemoryUsed: bigint;
    /** Bytes by which the volumes may grow altogether, by the memory limit and reserve: CreateVolume and Resize refuse (NoMemory) what asks for more. Read when asked, not signalled. */
    readonly MemoryFree: bigint;
    /** Sum of the sizes of all volumes, in bytes: what they would hold when full. */
    readonly MemoryCommitted: bigint;
    /** What is wrong now, one sentence each: a saved object that is not there or differs from what is there under its name, a saved state or an entry of it that cannot be read, work that failed and could not be undone yet, a port whose address is gone, an export that could not be put back on a port, a port of the HTTP bridge that another program has. Empty when all is well. */
    readonly Problems: string[];
    /** What is wrong as values, one dictionary for each sentence of Problems, in the same order: kind (s), text (s, the sentence), and what the sentence is made of, by its kind: see the table of kinds in the reference. There may be further kinds and keys. */
    readonly ProblemDetails: Map<string, Variant>[];
    /** Names of saved objects that are not there, each as Forget takes it. Restore makes them again. */
    readonly Missing: string[];
}

/** Methods of org.rapiddisk.Manager. */
export interface ManagerMethods {
    /**
     * Load the kernel modules that are missing: those for volumes and caches, and those for NVMe exports that are installed.
     * @param options May be empty.
     * @returns Names of the modules that this call loaded.
     * Authorized by the polkit action org.rapiddisk.manager.modules-load.
     */
    LoadModules(options: Dictionary<Variant>): Promise<string[]>;
    /**
     * List the block devices of the host, as they were within the last second, or when they were last read while reading them takes long: the answer never waits for more than half a second, once there is one.
     * @param options May be empty.
     * @returns One dictionary a device: name (s), path (s), size (t, bytes), vendor (s), model (s), type (s), in-use (b), users (as), user-details (aa{sv}, as UserDetails of a volume), cacheable (b).
     */
    GetResources(options: Dictionary<Variant>): Promise<Map<string, Variant>[]>;
    /**
     * List volumes with every property of each, for people and scripts.
     * @returns One dictionary a volume; path (o) and the properties of the Volume interface.
     */
    ListVolumes(): Promise<Map<string, Variant>[]>;
    /**
     * List cache mappings with every property of each.
     * @returns One dictionary a cache mapping; path (o) and the properties of the Cache interface.
     */
    ListCaches(): Promise<Map<string, Variant>[]>;
    /**
     * List NVMe target ports with every property of each.
     * @returns One dictionary a port; path (o) and the properties of the Port interface.
     */
    ListPorts(): Promise<Map<string, Variant>[]>;
    /**
     * List NVMe exports with every property of each.
     * @returns One dictionary an export; path (o) and the properties of the Export interface.
     */
    ListExports(): Promise<Map<string, Variant>[]>;
    /**
     * Read the statistics of every volume, cache and export with one call. It never waits long for a mapping that does not answer: the statistics of such a cache are left out until it does.
     * @param options May be empty.
     * @returns By object path, what GetStatistics of each volume, cache and export says. What has gone meanwhile or cannot be read is left out.
     */
    GetAllStatistics(options: Dictionary<Variant>): Promise<Map<string, Map<string, Variant>>>;
    /**
     * Find the object that a person means.
     * @param name A volume or mapping name, a device path, an NQN or a port id.
     * @returns Its object path.
     */
    Resolve(name: string): Promise<string>;
    /**
     * Create a RAM disk.
     * @param size Bytes: a multiple of 512, at least 4096; refused (NoMemory) when all volumes could not fill up within the memory limit.
     * @param options May be empty.
     * @returns The new volume.
     * Authorized by the polkit action org.rapiddisk.manager.volume-create.
     */
    CreateVolume(size: bigint | number, options: Dictionary<Variant>): Promise<string>;
    /**
     * Put a volume as a cache in front of a slower block device.
     * @param volume Name, device path or object path of the volume that holds the cached blocks. Its contents are lost.
     * @param source Device path of the origin, for example /dev/sdb or /dev/disk/by-id/…
     * @param mode write-through (reads and writes are cached), write-around (only reads are cached) or writeback (writes are kept in RAM first and lost at power-off; also needs the action cache-writeback). write-back is taken as writeback.
     * @param options May be empty.
     * @returns The new cache mapping.
     * Authorized by the polkit action org.rapiddisk.manager.cache-create.
     */
    CreateCache(volume: string, source: string, mode: string, options: Dictionary<Variant>): Promise<string>;
    /**
     * Create an NVMe target port.
     * @param id Number of the port; 0 means the next free one.
     * @param transport tcp, rdma or loop.
     * @param address IP address or interface name; empty for loop.
     * @param options May be empty.
     * @returns The new port.
     * Authorized by the polkit action org.rapiddisk.manager.port-manage.
     */
    CreatePort(id: number, transport: string, address: string, options: Dictionary<Variant>): Promise<string>;
    /**
     * Export a volume or cache mapping over NVMe.
     * @param device Name, device path or object path of the volume or cache.
     * @param options May be empty.
     * @returns The new export.
     * Authorized by the polkit action org.rapiddisk.manager.export-create.
     */
    CreateExport(device: string, options: Dictionary<Variant>): Promise<string>;
    /**
     * Make again what is saved and not there, as at boot, after another try to put unfinished work in order. A saved export that lacks some of its ports is put on them. Never destroys what a volume holds, nor exports another device than the saved one of that name.
     * @param options May be empty.
     * @returns Names of the objects that were made; for an export that was put on a port only now: NQN on port ID.
     * @returns One sentence for each that could not be.
     * Authorized by the polkit action org.rapiddisk.manager.configuration.
     */
    Restore(options: Dictionary<Variant>): Promise<[string[], string[]]>;
    /**
     * Drop the saved entry of an object that is not there. One that is there is dropped by its own Remove or SetPersistent. Refused (Busy) while another saved object needs it.
     * @param name Name of the volume or mapping, NQN, or number of the port, exactly as Missing has it.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.configuration.
     */
    Forget(name: string, options: Dictionary<Variant>): Promise<void>;
}

/** Properties of org.rapiddisk.Manager.Cache. */
export interface CacheProperties {
    /** Name of the mapping, as in /dev/mapper. */
    readonly Name: string;
    /** Device path, /dev/mapper/NAME. */
    readonly Device: string;
    /** The volume that holds the cached blocks; / when it is not one of ours. */
    readonly Volume: string;
    /** Device path of the origin. It follows the origin when that is renamed, and stays when the origin is gone, of which Problems tells. */
    readonly Source: string;
    /** ok; origin-errors: the origin failed I/O since the cache was made or resized or its statistics were reset; origin-gone: the origin is not there any more; stopped: a writeback cache met an I/O error, of the origin or of the volume, after which the kernel fails all I/O to it. All but ok are in Problems. The kernel signals no failed I/O: it is known as soon as anybody reads the statistics, and within half a minute otherwise (longer with more than twenty caches). */
    readonly State: string;
    /** write-through, write-around, writeback; pass-through while a cache is switched off. */
    readonly Mode: string;
    /** Size of the mapped device, in bytes. */
    readonly Size: bigint;
    /** Bytes of the volume that hold cached blocks: those that the mapping was made with, however the volume was resized since, until Resize takes that up. A writeback cache keeps records beside them, which do not count; while the kernel does not tell, it is the size of the volume. */
    readonly CacheSize: bigint;
    /** Size of a cached block, in bytes. Of a writeback cache it is also the size of the device's sectors: 4096, or less where what is on the source was made for smaller ones. */
    readonly BlockSize: number;
    /** Whether anything uses the mapped device. */
    readonly InUse: boolean;
    /** What uses it, one line each, of the forms that Users of a volume has. */
    readonly Users: string[];
    /** What uses it as values, one dictionary for each line of Users, with the keys that UserDetails of a volume has. */
    readonly UserDetails: Map<string, Variant>[];
    /** Whether it is made again at each boot. */
    readonly Persistent: boolean;
    /** Whether this service made it. */
    readonly Managed: boolean;
}

/** Methods of org.rapiddisk.Manager.Cache. */
export interface CacheMethods {
    /**
     * Statistics of the cache.
     * @param options May be empty.
     * @returns For write-through and write-around: reads, writes, cache_hits, replacement, write_replacement, read_invalidates, write_invalidates, uncached_reads, uncached_writes, disk_reads, disk_writes, cache_reads, cache_writes (t each); and, unless the module is older than version 10, cached_blocks (t, blocks of BlockSize that would hit) and origin_errors (t, I/Os that the origin failed). For writeback: errors, num_blocks, num_free_blocks, num_wb_blocks, num_read_req, num_read_cache_hits, num_write_req, num_write_uncommitted_blk_hits, num_write_committed_blk_hits, num_write_cache_bypass, num_write_cache_alloc, num_write_freelist_blocked, num_flush_req, num_discard_req (t each), and unwritten_bytes (t, bytes that the origin may lack at most); errors is the errno at which the kernel stopped, 0 when it did not, and failures of the origin are not counted. Both: hit_ratio (d, 0 to 1; 0 before the first read).
     */
    GetStatistics(options: Dictionary<Variant>): Promise<Map<string, Variant>>;
    /**
     * Set the statistics to zero, which also ends the state origin-errors.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.configuration.
     */
    ResetStatistics(options: Dictionary<Variant>): Promise<void>;
    /**
     * Take up, while in use, the whole of the source and of the volume as they are now: Size becomes that of the source, CacheSize that of the volume. Does nothing when both are so. What is cached is dropped, for the source has all of it, and the statistics count from zero; a filesystem on the device stays mounted and keeps its size until it is grown as well. Refused when the source is smaller than Size (Failed) and for a writeback cache, which has to be removed and created again (NotSupported).
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.cache-resize.
     */
    Resize(options: Dictionary<Variant>): Promise<void>;
    /**
     * Write cached data that the origin lacks to the origin. Only writeback holds such data; the other modes answer at once.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.cache-remove.
     */
    Flush(options: Dictionary<Variant>): Promise<void>;
    /**
     * Remove the mapping, after writing what the origin lacks. Refused (Busy) while anything uses the mapped device or a saved object needs it. The volume stays. When a writeback cache cannot be flushed it is refused (Failed), with how many bytes the origin lacks, unless lose-unwritten is set, which also needs the action cache-lose-unwritten.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.cache-remove.
     */
    Remove(options: Dictionary<Variant>): Promise<void>;
    /**
     * Save the cache, so that it is made again at each boot, with its volume, which is saved for as long as a saved cache is on it; or drop it from what is saved, which is refused (Busy) while a saved cache or export needs it.
     * @param persistent Whether it is made again at each boot.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.configuration.
     */
    SetPersistent(persistent: boolean, options: Dictionary<Variant>): Promise<void>;
    /**
     * Switch between write-through, write-around and pass-through while in use. A writeback cache is of another kind: remove it and create it again (NotSupported).
     * @param mode write-through, write-around or pass-through.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.cache-create.
     */
    SetMode(mode: string, options: Dictionary<Variant>): Promise<void>;
}

/** Properties of org.rapiddisk.Manager.Export. */
export interface ExportProperties {
    /** NVMe qualified name of the subsystem. */
    readonly Nqn: string;
    /** Number of the namespace; 0 when the subsystem has none. */
    readonly NamespaceId: number;
    /** Device path of what is exported. It follows a mapping that is renamed while the export is switched on. */
    readonly Device: string;
    /** The volume or cache behind it; / when it is none of ours. */
    readonly Backing: string;
    /** Whether the namespace is switched on. */
    readonly Enabled: boolean;
    /** Whether any host may connect. */
    readonly AllowAnyHost: boolean;
    /** NQNs of the hosts that may connect. */
    readonly AllowedHosts: string[];
    /** Those of the allowed hosts that must prove a key (DH-HMAC-CHAP). */
    readonly AuthenticatedHosts: string[];
    /** Ports through which it is reached. */
    readonly Ports: string[];
    /** Serial number that hosts see. */
    readonly Serial: string;
    /** Model name that hosts see. */
    readonly Model: string;
    /** UUID of the namespace: the same over unexport, reboot and a change of the host's name; another one once the volume was erased or removed. */
    readonly Uuid: string;
    /** Globally unique identifier of the namespace: the same bytes as the UUID. */
    readonly Nguid: string;
    /** Whether it is made again at each boot. */
    readonly Persistent: boolean;
    /** Whether this service made it. */
    readonly Managed: boolean;
}

/** Methods of org.rapiddisk.Manager.Export. */
export interface ExportMethods {
    /**
     * Let a host connect. An export that any host may use is narrowed to this one, and the others are disconnected. A key is for a host that has none yet: one that has another is refused (AlreadyExists), since SetHostKeys changes keys. A new key counts on every export that allows the host, so that permission is asked for each of them. With neither key nor no-key, on an export that is on a tcp or rdma port and where Features has nvme-auth, a key is made for a host that has none; TakeHostKeys gives it out once. A host that another export allows without a key is then refused (InvalidArgument), since the key would count there too.
     * @param host NQN of the host.
     * @param options May be empty. Keys belong to the host, on every export.
     * Authorized by the polkit action org.rapiddisk.manager.export-allow-host.
     */
    AllowHost(host: string, options: Dictionary<Variant>): Promise<void>;
    /**
     * Let a host connect no more, and disconnect it. The others are disconnected for a moment and come back by themselves. When the kernel does not let the export back on a port, the host is denied all the same: the port is among the Problems of the root object and is tried again.
     * @param host NQN of the host.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.export-allow-host.
     */
    DenyHost(host: string, options: Dictionary<Variant>): Promise<void>;
    /**
     * Give out the keys that CreateExport and AllowHost made for hosts of this export, each of them once: to the connection that made that call; any other needs the permission export-allow-host. A key can be taken until it is changed, its host is denied or the service ends; after that SetHostKeys sets another.
     * @param hosts NQNs of the hosts; none means every host.
     * @param options May be empty.
     * @returns Keys in the form DHHC-1:HH:BASE64: by the NQNs of the hosts; those that have none to be taken are left out.
     * Authorized by the polkit action org.rapiddisk.manager.export-allow-host.
     */
    TakeHostKeys(hosts: readonly (string)[], options: Dictionary<Variant>): Promise<Map<string, string>>;
    /**
     * Open the export to any host, which drops the list of hosts (asks for export-allow-any-host; refused (Busy) while a host must prove a key), or close it, which disconnects everybody.
     * @param any Whether any host may connect.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.export-allow-host.
     */
    SetAllowAnyHost(any: boolean, options: Dictionary<Variant>): Promise<void>;
    /**
     * Give an allowed host other keys, or none. They count at its next connection, and on every export that allows the host: permission is asked for each of them.
     * @param host NQN of the host.
     * @param options May be empty. Keys belong to the host, on every export.
     * Authorized by the polkit action org.rapiddisk.manager.export-allow-host.
     */
    SetHostKeys(host: string, options: Dictionary<Variant>): Promise<void>;
    /**
     * Make the export reachable through one more port, and when it is saved, also after each boot: the port is then saved for as long as a saved export is on it.
     * @param port Number of the port.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.export-create.
     */
    AddPort(port: number, options: Dictionary<Variant>): Promise<void>;
    /**
     * Take the export off a port, which disconnects its hosts there.
     * @param port Number of the port.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.export-remove.
     */
    RemovePort(port: number, options: Dictionary<Variant>): Promise<void>;
    /**
     * Switch the namespace on or off. Hosts lose a device that is switched off at once.
     * @param enabled Whether it is on.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.export-create.
     */
    SetEnabled(enabled: boolean, options: Dictionary<Variant>): Promise<void>;
    /**
     * Tell connected hosts when the size of the device has changed. Resize of a volume does this by itself.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.export-create.
     */
    Revalidate(options: Dictionary<Variant>): Promise<void>;
    /**
     * Take the export apart. It disappears from its hosts at once; the device stays.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.export-remove.
     */
    Remove(options: Dictionary<Variant>): Promise<void>;
    /**
     * Restore the export at each boot with the ports that it is on; or stop doing so.
     * @param persistent Whether it is made again at each boot.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.configuration.
     */
    SetPersistent(persistent: boolean, options: Dictionary<Variant>): Promise<void>;
    /**
     * I/O statistics of the exported device, from the block layer.
     * @param options May be empty.
     * @returns read_ios, read_bytes, read_ms, write_ios, write_bytes, write_ms, discard_ios, discard_bytes, in_flight, io_ms (t each).
     */
    GetStatistics(options: Dictionary<Variant>): Promise<Map<string, Variant>>;
    /**
     * Who is connected, as far as the kernel or the socket table tells.
     * @param options May be empty.
     * @returns One dictionary a port: port (u), transport (s), known (b: whether it can be told at all), exclusive (b: whether all of them are connected to this very export and not to another one on the same port), hosts (as: NQNs where the kernel tells them, else addresses).
     */
    GetConnections(options: Dictionary<Variant>): Promise<Map<string, Variant>[]>;
}

/** Properties of org.rapiddisk.Manager.Job. */
export interface JobProperties {
    /** What is being done, for example cache-flush. */
    readonly Operation: string;
    /** running, done, failed or cancelled. */
    readonly State: string;
    /** 0 to 1. */
    readonly Progress: number;
    /** Bytes to do in total; 0 when unknown. */
    readonly Bytes: bigint;
    /** When it should end, microseconds since 1970; 0 when unknown. */
    readonly ExpectedEndTime: bigint;
    /** Objects that it works on. */
    readonly Objects: string[];
    /** D-Bus error name when failed; else empty. */
    readonly Error: string;
    /** The error in one sentence when failed; while it runs, what it waits for, if anything; else empty. */
    readonly Message: string;
    /** Whether Cancel can stop it: not so where the kernel does it in one step. */
    readonly Cancellable: boolean;
    /** The option cookie of the call whose work this is, all of it: by that a caller knows its own job. Empty when the call gave none, or asked for more than this job does (the flush in the removal of a writeback cache). */
    readonly Cookie: string;
}

/** Methods of org.rapiddisk.Manager.Job. */
export interface JobMethods {
    /**
     * Stop the work; what was done is left in a whole state. Refused (NotSupported) where the kernel does it in one step.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.job-cancel.
     */
    Cancel(options: Dictionary<Variant>): Promise<void>;
}

/** Properties of org.rapiddisk.Manager.Port. */
export interface PortProperties {
    /** Number of the port, 1 to 65535. It is not the number of a TCP port. */
    readonly Id: number;
    /** tcp, rdma or loop; another word, or none, for a port that others made. */
    readonly Transport: string;
    /** IP address, a link-local one with its interface after %; empty for loop. */
    readonly Address: string;
    /** ipv4 or ipv6; empty for loop. */
    readonly Family: string;
    /** TCP port number (for rdma the same in RDMA's number space); empty for loop. */
    readonly Service: string;
    /** Network interface of this host that has the address; empty when none has. */
    readonly Interface: string;
    /** Exports that are reached through it. */
    readonly Exports: string[];
    /** Whether hosts must speak TLS. */
    readonly Tls: boolean;
    /** Whether it is made again at each boot: on its own, or for as long as a saved export is on it. */
    readonly Persistent: boolean;
    /** Whether this service made it. */
    readonly Managed: boolean;
}

/** Methods of org.rapiddisk.Manager.Port. */
export interface PortMethods {
    /**
     * Remove the port. Refused (Busy) while an export uses it, or a saved one needs it.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.port-manage.
     */
    Remove(options: Dictionary<Variant>): Promise<void>;
    /**
     * Restore the port at each boot, whatever exports are on it; or stop doing so, which is refused (Busy) while a saved export needs it.
     * @param persistent Whether it is made again at each boot.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.configuration.
     */
    SetPersistent(persistent: boolean, options: Dictionary<Variant>): Promise<void>;
}

/** Properties of org.rapiddisk.Manager.Tokens. */
export interface TokensProperties {
    /** Grows whenever a token is created or revoked. */
    readonly Revision: bigint;
}

/** Methods of org.rapiddisk.Manager.Tokens. */
export interface TokensMethods {
    /**
     * Create a token. It is shown this once and cannot be told again.
     * @param name Who or what will use it: 1 to 64 letters, digits, blanks and . _ @ -.
     * @param scope read, operate (also change volumes and caches) or admin (also everything else that the bridge may).
     * @param options May be empty.
     * @returns What the token is called in lists and in the journal.
     * @returns The token: a secret.
     * Authorized by the polkit action org.rapiddisk.manager.token-manage.
     */
    CreateToken(name: string, scope: string, options: Dictionary<Variant>): Promise<[string, string]>;
    /**
     * List tokens, without anything that is secret.
     * @param options May be empty.
     * @returns One dictionary a token: id (s), name (s), scope (s), created (t, seconds since 1970), expires (t, seconds since 1970).
     * Authorized by the polkit action org.rapiddisk.manager.token-manage.
     */
    ListTokens(options: Dictionary<Variant>): Promise<Map<string, Variant>[]>;
    /**
     * Make a token invalid at once.
     * @param id The id of the token.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.token-manage.
     */
    RevokeToken(id: string, options: Dictionary<Variant>): Promise<void>;
    /**
     * What the bridge checks tokens with. A digest does not lead back to its token.
     * @param options May be empty.
     * @returns One dictionary a token: id (s), name (s), scope (s), expires (t, seconds since 1970), digest (s, SHA-256 of the token in hexadecimal).
     * Authorized by the polkit action org.rapiddisk.manager.token-verify.
     */
    GetTokenDigests(options: Dictionary<Variant>): Promise<Map<string, Variant>[]>;
}

/** Properties of org.rapiddisk.Manager.Volume. */
export interface VolumeProperties {
    /** Kernel name, rdN. */
    readonly Name: string;
    /** The N of rdN. */
    readonly Number: number;
    /** Device path, /dev/rdN. */
    readonly Device: string;
    /** Size in bytes. */
    readonly Size: bigint;
    /** RAM that it holds, in bytes. Read when asked, not signalled. */
    readonly Used: bigint;
    /** Whether all of its memory was allocated when it was made, and stays so: discard and Erase zero the contents and give no memory back. Always false with upstream's module. */
    readonly Populated: boolean;
    /** Whether writes are refused. */
    readonly ReadOnly: boolean;
    /** I/O errors since it was made, most often writes that found no memory. Read when asked, not signalled. */
    readonly Errors: bigint;
    /** Whether anything uses it. */
    readonly InUse: boolean;
    /** What uses it, one line each, of these forms: mounted on PATH; journal or log of the file system on PATH; part of a mounted btrfs file system; swap; backing file of LOOP; exported as NQN, with (switched off) behind it for one that is off; exported by the SCSI target as NAME; cache of MAPPING; origin of MAPPING; held by DEVICE. PARTITION: stands before what uses a partition only, (through DEVICE) behind what uses a device that is stacked on it. */
    readonly Users: string[];
    /** What uses it as values, one dictionary for each line of Users, in the same order: kind (s: mount, journal, btrfs, swap, loop, export, export-off, scsi, cache, origin, holder), text (s, the line), name (s, the mount point, loop device, NQN, back end, mapping or device; empty where there is none), partition (s, empty for a use of the whole device), through (as, what is stacked in between, the nearest to the device last). There may be further kinds and keys. */
    readonly UserDetails: Map<string, Variant>[];
    /** Whether it is made again, empty, at each boot. */
    readonly Persistent: boolean;
    /** Whether this service made it. */
    readonly Managed: boolean;
}

/** Methods of org.rapiddisk.Manager.Volume. */
export interface VolumeMethods {
    /**
     * Change the size. Growing works while in use, and allocates what a populated volume gets at once; shrinking is refused (Busy) while anything uses the volume and below data that was written.
     * @param size New size in bytes: a multiple of 512.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.volume-resize.
     */
    Resize(size: bigint | number, options: Dictionary<Variant>): Promise<void>;
    /**
     * Lock or unlock the volume.
     * @param readOnly Whether writes are refused from now on.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.volume-lock.
     */
    SetReadOnly(readOnly: boolean, options: Dictionary<Variant>): Promise<void>;
    /**
     * Drop the contents and give their memory back, which a populated volume keeps; the volume then reads as zeros. Refused (Busy) while anything uses it.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.volume-erase.
     */
    Erase(options: Dictionary<Variant>): Promise<void>;
    /**
     * Remove the volume and its contents. Refused (Busy) while anything uses it or a saved object needs it.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.volume-remove.
     */
    Remove(options: Dictionary<Variant>): Promise<void>;
    /**
     * I/O statistics of the volume.
     * @param options May be empty.
     * @returns used (t), errors (t), read_ios (t), read_bytes (t), read_ms (t), write_ios (t), write_bytes (t), write_ms (t), discard_ios (t), discard_bytes (t), in_flight (t), io_ms (t), highest_written (t).
     */
    GetStatistics(options: Dictionary<Variant>): Promise<Map<string, Variant>>;
    /**
     * Save the volume, so that it is made again, empty, at each boot; or drop it from what is saved, which is refused (Busy) while a saved cache or export needs it.
     * @param persistent Whether it is made again at each boot.
     * @param options May be empty.
     * Authorized by the polkit action org.rapiddisk.manager.configuration.
     */
    SetPersistent(persistent: boolean, options: Dictionary<Variant>): Promise<void>;
}

/** Properties of every interface, by its name. */
export interface PropertiesOf {
    "org.rapiddisk.Manager": ManagerProperties;
    "org.rapiddisk.Manager.Cache": CacheProperties;
    "org.rapiddisk.Manager.Export": ExportProperties;
    "org.rapiddisk.Manager.Job": JobProperties;
    "org.rapiddisk.Manager.Port": PortProperties;
    "org.rapiddisk.Manager.Tokens": TokensProperties;
    "org.rapiddisk.Manager.Volume": VolumeProperties;
}

/** Methods of every interface, by its name. */
export interface MethodsOf {
    "org.rapiddisk.Manager": ManagerMethods;
    "org.rapiddisk.Manager.Cache": CacheMethods;
    "org.rapiddisk.Manager.Export": ExportMethods;
    "org.rapiddisk.Manager.Job": JobMethods;
    "org.rapiddisk.Manager.Port": PortMethods;
    "org.rapiddisk.Manager.Tokens": TokensMethods;
    "org.rapiddisk.Manager.Volume": VolumeMethods;
}

/** Options of every method with options, by the short name of its interface and its own name. */
export interface OptionsOf {
    "Manager.LoadModules": Readonly<Record<never, never>>;
    "Manager.GetResources": Readonly<Record<never, never>>;
    "Manager.GetAllStatistics": Readonly<Record<never, never>>;
    "Manager.CreateVolume": {
        /** The N of rdN. */
        readonly "number"?: number | undefined;
        /** Allocate all of its memory now, so that no later write can fail for want of memory (else memory is taken as it is written). Refused whole (NoMemory) when the kernel cannot; NotSupported with upstream's module. */
        readonly "populate"?: boolean | undefined;
        /** Create it again, empty, at each boot. */
        readonly "persist"?: boolean | undefined;
    };
    "Manager.CreateCache": {
        /** Name of the mapping. */
        readonly "name"?: string | undefined;
        /** Make it again at each boot, with its volume, which is saved for as long as a saved cache is on it. */
        readonly "persist"?: boolean | undefined;
    };
    "Manager.CreatePort": {
        /** TCP or RDMA port number. */
        readonly "service"?: string | undefined;
        /** Which address to take of an interface that has both. */
        readonly "family"?: "ipv4" | "ipv6" | undefined;
        /** Hosts must speak TLS 1.3 (tcp only). */
        readonly "tls"?: boolean | undefined;
        /** Make it again at each boot. */
        readonly "persist"?: boolean | undefined;
    };
    "Manager.CreateExport": {
        /** NVMe qualified name. */
        readonly "nqn"?: string | undefined;
        /** Numbers or object paths of the ports. */
        readonly "ports"?: string[] | undefined;
        /** NQNs of the hosts that may connect. None means any host, which is asked for in addition (export-allow-any-host) and refused when a port is of another transport than loop (every program of this host reaches a loopback address) unless allow-any-host is given as true. */
        readonly "hosts"?: string[] | undefined;
        /** With no hosts: true says plainly that any host may connect, false that nobody may yet. */
        readonly "allow-any-host"?: boolean | undefined;
        /** Make no keys: any machine that presents the NQN of a named host and reaches a port can connect, and every user on this machine can read that NQN. Without it, on a tcp or rdma port and where Features has nvme-auth, a key is made for each named host that has none, and TakeHostKeys of the new export gives it out once; a host that another export allows without a key is refused (InvalidArgument). */
        readonly "no-key"?: boolean | undefined;
        /** Serial number, at most 20 characters. */
        readonly "serial"?: string | undefined;
        /** Model name, at most 40 characters. */
        readonly "model"?: string | undefined;
        /** Make it again at each boot, with its ports, which are saved for as long as a saved export is on them. */
        readonly "persist"?: boolean | undefined;
    };
    "Manager.Restore": {
        /** storage: volumes and caches; exports: NVMe ports and exports. */
        readonly "parts"?: ("storage" | "exports")[] | undefined;
        /** Seconds for which exports are tried again. */
        readonly "wait"?: number | undefined;
    };
    "Manager.Forget": Readonly<Record<never, never>>;
    "Cache.GetStatistics": Readonly<Record<never, never>>;
    "Cache.ResetStatistics": Readonly<Record<never, never>>;
    "Cache.Resize": Readonly<Record<never, never>>;
    "Cache.Flush": Readonly<Record<never, never>>;
    "Cache.Remove": {
        /** Of a writeback cache: remove it also when the kernel ended its flush with an error, since the origin is gone or fails, and lose what the origin lacks. The flush is tried first: with a sound origin nothing is lost. Refused (NotSupported) in the other modes, which hold nothing that the origin lacks. */
        readonly "lose-unwritten"?: boolean | undefined;
    };
    "Cache.SetPersistent": Readonly<Record<never, never>>;
    "Cache.SetMode": Readonly<Record<never, never>>;
    "Export.AllowHost": {
        /** The host key in the form DHHC-1:HH:BASE64:. */
        readonly "key"?: string | undefined;
        /** The key that the target proves in turn, in the same form. */
        readonly "controller-key"?: string | undefined;
        /** Hash of the authentication. */
        readonly "hash"?: "sha256" | "sha384" | "sha512" | undefined;
        /** Diffie-Hellman group; null means none. */
        readonly "dhgroup"?: "null" | "ffdhe2048" | "ffdhe3072" | "ffdhe4096" | "ffdhe6144" | "ffdhe8192" | undefined;
        /** Make no key: any machine that presents the NQN of the host and reaches a port can connect, and every user on this machine can read that NQN. */
        readonly "no-key"?: boolean | undefined;
    };
    "Export.DenyHost": Readonly<Record<never, never>>;
    "Export.TakeHostKeys": Readonly<Record<never, never>>;
    "Export.SetAllowAnyHost": Readonly<Record<never, never>>;
    "Export.SetHostKeys": {
        /** The host key in the form DHHC-1:HH:BASE64:. */
        readonly "key"?: string | undefined;
        /** The key that the target proves in turn, in the same form. */
        readonly "controller-key"?: string | undefined;
        /** Hash of the authentication. */
        readonly "hash"?: "sha256" | "sha384" | "sha512" | undefined;
        /** Diffie-Hellman group; null means none. */
        readonly "dhgroup"?: "null" | "ffdhe2048" | "ffdhe3072" | "ffdhe4096" | "ffdhe6144" | "ffdhe8192" | undefined;
        /** Take the keys away. */
        readonly "clear"?: boolean | undefined;
    };
    "Export.AddPort": {
        /** Say plainly that any host may come in through a port of another transport than loop. */
        readonly "allow-any-host"?: boolean | undefined;
    };
    "Export.RemovePort": Readonly<Record<never, never>>;
    "Export.SetEnabled": Readonly<Record<never, never>>;
    "Export.Revalidate": Readonly<Record<never, never>>;
    "Export.Remove": Readonly<Record<never, never>>;
    "Export.SetPersistent": Readonly<Record<never, never>>;
    "Export.GetStatistics": Readonly<Record<never, never>>;
    "Export.GetConnections": Readonly<Record<never, never>>;
    "Job.Cancel": Readonly<Record<never, never>>;
    "Port.Remove": Readonly<Record<never, never>>;
    "Port.SetPersistent": Readonly<Record<never, never>>;
    "Tokens.CreateToken": {
        /** Seconds until it expires. */
        readonly "lifetime"?: number | undefined;
    };
    "Tokens.ListTokens": Readonly<Record<never, never>>;
    "Tokens.RevokeToken": Readonly<Record<never, never>>;
    "Tokens.GetTokenDigests": Readonly<Record<never, never>>;
    "Volume.Resize": Readonly<Record<never, never>>;
    "Volume.SetReadOnly": Readonly<Record<never, never>>;
    "Volume.Erase": Readonly<Record<never, never>>;
    "Volume.Remove": Readonly<Record<never, never>>;
    "Volume.GetStatistics": Readonly<Record<never, never>>;
    "Volume.SetPersistent": Readonly<Record<never, never>>;
}

/** Options that each of them takes besides. */
export interface CommonOptions {
    /** Ask nobody for a password, whatever the flags of the message allow. */
    readonly "auth.no_user_interaction"?: boolean | undefined;
    /** 1 to 128 printable ASCII characters without blanks, which nobody can guess: the job that does all of what the call asked for has it as its Cookie, and no other job has. */
    readonly "cookie"?: string | undefined;
}
