// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
// Generated from dbus/*.xml by tools/generate.ts: do not edit.
import { optionsOf, type InterfaceSpec, type OptionSpec, type OptionSpecs } from "../bus/api.js";
import type { CommonOptions, OptionsOf } from "./types.js";

/** org.rapiddisk.Manager: The service itself: what this host can do, its memory, and the way to make volumes, caches, ports and exports. Lives at /org/rapiddisk/Manager, which is also the ObjectManager of everything below it. */
export const managerInterface = {
    "name": "org.rapiddisk.Manager",
    "doc": "The service itself: what this host can do, its memory, and the way to make volumes, caches, ports and exports. Lives at /org/rapiddisk/Manager, which is also the ObjectManager of everything below it.",
    "commonOptions": {
        "auth.no_user_interaction": {
            "type": "b",
            "doc": "Ask nobody for a password, whatever the flags of the message allow.",
            "default": "false"
        },
        "cookie": {
            "type": "s",
            "doc": "1 to 128 printable ASCII characters without blanks, which nobody can guess: the job that does all of what the call asked for has it as its Cookie, and no other job has."
        }
    },
    "methods": {
        "LoadModules": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "loaded",
                    "type": "as",
                    "doc": "Names of the modules that this call loaded."
                }
            ],
            "doc": "Load the kernel modules that are missing: those for volumes and caches, and those for NVMe exports that are installed.",
            "action": "org.rapiddisk.manager.modules-load"
        },
        "GetResources": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "devices",
                    "type": "aa{sv}",
                    "doc": "One dictionary a device: name (s), path (s), size (t, bytes), vendor (s), model (s), type (s), in-use (b), users (as), user-details (aa{sv}, as UserDetails of a volume), cacheable (b)."
                }
            ],
            "doc": "List the block devices of the host, as they were within the last second, or when they were last read while reading them takes long: the answer never waits for more than half a second, once there is one."
        },
        "ListVolumes": {
            "in": [],
            "out": [
                {
                    "name": "volumes",
                    "type": "aa{sv}",
                    "doc": "One dictionary a volume; path (o) and the properties of the Volume interface."
                }
            ],
            "doc": "List volumes with every property of each, for people and scripts."
        },
        "ListCaches": {
            "in": [],
            "out": [
                {
                    "name": "caches",
                    "type": "aa{sv}",
                    "doc": "One dictionary a cache mapping; path (o) and the properties of the Cache interface."
                }
            ],
            "doc": "List cache mappings with every property of each."
        },
        "ListPorts": {
            "in": [],
            "out": [
                {
                    "name": "ports",
                    "type": "aa{sv}",
                    "doc": "One dictionary a port; path (o) and the properties of the Port interface."
                }
            ],
            "doc": "List NVMe target ports with every property of each."
        },
        "ListExports": {
            "in": [],
            "out": [
                {
                    "name": "exports",
                    "type": "aa{sv}",
                    "doc": "One dictionary an export; path (o) and the properties of the Export interface."
                }
            ],
            "doc": "List NVMe exports with every property of each."
        },
        "GetAllStatistics": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "statistics",
                    "type": "a{oa{sv}}",
                    "doc": "By object path, what GetStatistics of each volume, cache and export says. What has gone meanwhile or cannot be read is left out."
                }
            ],
            "doc": "Read the statistics of every volume, cache and export with one call. It never waits long for a mapping that does not answer: the statistics of such a cache are left out until it does."
        },
        "Resolve": {
            "in": [
                {
                    "name": "name",
                    "type": "s",
                    "doc": "A volume or mapping name, a device path, an NQN or a port id."
                }
            ],
            "out": [
                {
                    "name": "object",
                    "type": "o",
                    "doc": "Its object path."
                }
            ],
            "doc": "Find the object that a person means."
        },
        "CreateVolume": {
            "in": [
                {
                    "name": "size",
                    "type": "t",
                    "doc": "Bytes: a multiple of 512, at least 4096; refused (NoMemory) when all volumes could not fill up within the memory limit."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "number": {
                            "type": "u",
                            "doc": "The N of rdN.",
                            "default": "the lowest free one",
                            "minimum": 0,
                            "maximum": 1048575
                        },
                        "populate": {
                            "type": "b",
                            "doc": "Allocate all of its memory now, so that no later write can fail for want of memory (else memory is taken as it is written). Refused whole (NoMemory) when the kernel cannot; NotSupported with upstream's module.",
                            "default": "false"
                        },
                        "persist": {
                            "type": "b",
                            "doc": "Create it again, empty, at each boot.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [
                {
                    "name": "volume",
                    "type": "o",
                    "doc": "The new volume."
                }
            ],
            "doc": "Create a RAM disk.",
            "action": "org.rapiddisk.manager.volume-create"
        },
        "CreateCache": {
            "in": [
                {
                    "name": "volume",
                    "type": "s",
                    "doc": "Name, device path or object path of the volume that holds the cached blocks. Its contents are lost."
                },
                {
                    "name": "source",
                    "type": "s",
                    "doc": "Device path of the origin, for example /dev/sdb or /dev/disk/by-id/…"
                },
                {
                    "name": "mode",
                    "type": "s",
                    "doc": "write-through (reads and writes are cached), write-around (only reads are cached) or writeback (writes are kept in RAM first and lost at power-off; also needs the action cache-writeback). write-back is taken as writeback."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "name": {
                            "type": "s",
                            "doc": "Name of the mapping.",
                            "default": "rc-wt_, rc-wa_ or rc-wb_ and the last part of the source"
                        },
                        "persist": {
                            "type": "b",
                            "doc": "Make it again at each boot, with its volume, which is saved for as long as a saved cache is on it.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [
                {
                    "name": "cache",
                    "type": "o",
                    "doc": "The new cache mapping."
                }
            ],
            "doc": "Put a volume as a cache in front of a slower block device.",
            "action": "org.rapiddisk.manager.cache-create"
        },
        "CreatePort": {
            "in": [
                {
                    "name": "id",
                    "type": "u",
                    "doc": "Number of the port; 0 means the next free one."
                },
                {
                    "name": "transport",
                    "type": "s",
                    "doc": "tcp, rdma or loop."
                },
                {
                    "name": "address",
                    "type": "s",
                    "doc": "IP address or interface name; empty for loop."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "service": {
                            "type": "s",
                            "doc": "TCP or RDMA port number.",
                            "default": "4420"
                        },
                        "family": {
                            "type": "s",
                            "doc": "Which address to take of an interface that has both.",
                            "choices": [
                                "ipv4",
                                "ipv6"
                            ]
                        },
                        "tls": {
                            "type": "b",
                            "doc": "Hosts must speak TLS 1.3 (tcp only).",
                            "default": "false"
                        },
                        "persist": {
                            "type": "b",
                            "doc": "Make it again at each boot.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [
                {
                    "name": "port",
                    "type": "o",
                    "doc": "The new port."
                }
            ],
            "doc": "Create an NVMe target port.",
            "action": "org.rapiddisk.manager.port-manage"
        },
        "CreateExport": {
            "in": [
                {
                    "name": "device",
                    "type": "s",
                    "doc": "Name, device path or object path of the volume or cache."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "nqn": {
                            "type": "s",
                            "doc": "NVMe qualified name.",
                            "default": "nqn.2021-06.org.rapiddisk:HOSTNAME-DEVICE"
                        },
                        "ports": {
                            "type": "as",
                            "doc": "Numbers or object paths of the ports.",
                            "default": "every port"
                        },
                        "hosts": {
                            "type": "as",
                            "doc": "NQNs of the hosts that may connect. None means any host, which is asked for in addition (export-allow-any-host) and refused when a port is of another transport than loop (every program of this host reaches a loopback address) unless allow-any-host is given as true.",
                            "default": "none"
                        },
                        "allow-any-host": {
                            "type": "b",
                            "doc": "With no hosts: true says plainly that any host may connect, false that nobody may yet."
                        },
                        "no-key": {
                            "type": "b",
                            "doc": "Make no keys: any machine that presents the NQN of a named host and reaches a port can connect, and every user on this machine can read that NQN. Without it, on a tcp or rdma port and where Features has nvme-auth, a key is made for each named host that has none, and TakeHostKeys of the new export gives it out once; a host that another export allows without a key is refused (InvalidArgument).",
                            "default": "false"
                        },
                        "serial": {
                            "type": "s",
                            "doc": "Serial number, at most 20 characters.",
                            "default": "made of the device's identity"
                        },
                        "model": {
                            "type": "s",
                            "doc": "Model name, at most 40 characters.",
                            "default": "RapidDisk"
                        },
                        "persist": {
                            "type": "b",
                            "doc": "Make it again at each boot, with its ports, which are saved for as long as a saved export is on them.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [
                {
                    "name": "export",
                    "type": "o",
                    "doc": "The new export."
                }
            ],
            "doc": "Export a volume or cache mapping over NVMe.",
            "action": "org.rapiddisk.manager.export-create"
        },
        "Restore": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "parts": {
                            "type": "as",
                            "doc": "storage: volumes and caches; exports: NVMe ports and exports.",
                            "default": "both",
                            "choices": [
                                "storage",
                                "exports"
                            ]
                        },
                        "wait": {
                            "type": "u",
                            "doc": "Seconds for which exports are tried again.",
                            "default": "0",
                            "minimum": 0,
                            "maximum": 600
                        }
                    }
                }
            ],
            "out": [
                {
                    "name": "made",
                    "type": "as",
                    "doc": "Names of the objects that were made; for an export that was put on a port only now: NQN on port ID."
                },
                {
                    "name": "failed",
                    "type": "as",
                    "doc": "One sentence for each that could not be."
                }
            ],
            "doc": "Make again what is saved and not there, as at boot, after another try to put unfinished work in order. A saved export that lacks some of its ports is put on them. Never destroys what a volume holds, nor exports another device than the saved one of that name.",
            "action": "org.rapiddisk.manager.configuration"
        },
        "Forget": {
            "in": [
                {
                    "name": "name",
                    "type": "s",
                    "doc": "Name of the volume or mapping, NQN, or number of the port, exactly as Missing has it."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Drop the saved entry of an object that is not there. One that is there is dropped by its own Remove or SetPersistent. Refused (Busy) while another saved object needs it.",
            "action": "org.rapiddisk.manager.configuration"
        }
    },
    "properties": {
        "Version": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "Version of the service."
        },
        "ApiVersion": {
            "type": "u",
            "access": "read",
            "emits": "const",
            "doc": "Version of this interface: 1. Within it, members are only ever added."
        },
        "Features": {
            "type": "as",
            "access": "read",
            "emits": "true",
            "doc": "What this host can do now, one word each: volumes, cache-write-through, cache-write-around, cache-writeback, nvme-tcp, nvme-rdma, nvme-loop, nvme-auth, nvme-tls. A feature counts when its kernel module is loaded or can be loaded; nvme-auth and nvme-tls once the target is loaded and was found to have them."
        },
        "Modules": {
            "type": "a{sb}",
            "access": "read",
            "emits": "true",
            "doc": "Kernel modules that the service uses, by name, and whether each is loaded."
        },
        "MemoryTotal": {
            "type": "t",
            "access": "read",
            "emits": "const",
            "doc": "RAM of the host, in bytes."
        },
        "MemoryAvailable": {
            "type": "t",
            "access": "read",
            "emits": "false",
            "doc": "RAM that could be allocated now without swapping, in bytes. Read when asked, not signalled."
        },
        "MemoryUsed": {
            "type": "t",
            "access": "read",
            "emits": "false",
            "doc": "RAM held by volumes, in bytes. Read when asked, not signalled."
        },
        "MemoryFree": {
            "type": "t",
            "access": "read",
            "emits": "false",
            "doc": "Bytes by which the volumes may grow altogether, by the memory limit and reserve: CreateVolume and Resize refuse (NoMemory) what asks for more. Read when asked, not signalled."
        },
        "MemoryCommitted": {
            "type": "t",
            "access": "read",
            "emits": "true",
            "doc": "Sum of the sizes of all volumes, in bytes: what they would hold when full."
        },
        "Problems": {
            "type": "as",
            "access": "read",
            "emits": "true",
            "doc": "What is wrong now, one sentence each: a saved object that is not there or differs from what is there under its name, a saved state or an entry of it that cannot be read, work that failed and could not be undone yet, a port whose address is gone, an export that could not be put back on a port, a port of the HTTP bridge that another program has. Empty when all is well."
        },
        "ProblemDetails": {
            "type": "aa{sv}",
            "access": "read",
            "emits": "true",
            "doc": "What is wrong as values, one dictionary for each sentence of Problems, in the same order: kind (s), text (s, the sentence), and what the sentence is made of, by its kind: see the table of kinds in the reference. There may be further kinds and keys."
        },
        "Missing": {
            "type": "as",
            "access": "read",
            "emits": "true",
            "doc": "Names of saved objects that are not there, each as Forget takes it. Restore makes them again."
        }
    },
    "signals": {}
} satisfies InterfaceSpec;

/** org.rapiddisk.Manager.Cache: A cache mapping: a volume in front of a slower device. */
export const cacheInterface = {
    "name": "org.rapiddisk.Manager.Cache",
    "doc": "A cache mapping: a volume in front of a slower device.",
    "methods": {
        "GetStatistics": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "statistics",
                    "type": "a{sv}",
                    "doc": "For write-through and write-around: reads, writes, cache_hits, replacement, write_replacement, read_invalidates, write_invalidates, uncached_reads, uncached_writes, disk_reads, disk_writes, cache_reads, cache_writes (t each); and, unless the module is older than version 10, cached_blocks (t, blocks of BlockSize that would hit) and origin_errors (t, I/Os that the origin failed). For writeback: errors, num_blocks, num_free_blocks, num_wb_blocks, num_read_req, num_read_cache_hits, num_write_req, num_write_uncommitted_blk_hits, num_write_committed_blk_hits, num_write_cache_bypass, num_write_cache_alloc, num_write_freelist_blocked, num_flush_req, num_discard_req (t each), and unwritten_bytes (t, bytes that the origin may lack at most); errors is the errno at which the kernel stopped, 0 when it did not, and failures of the origin are not counted. Both: hit_ratio (d, 0 to 1; 0 before the first read)."
                }
            ],
            "doc": "Statistics of the cache."
        },
        "ResetStatistics": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Set the statistics to zero, which also ends the state origin-errors.",
            "action": "org.rapiddisk.manager.configuration"
        },
        "Resize": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Take up, while in use, the whole of the source and of the volume as they are now: Size becomes that of the source, CacheSize that of the volume. Does nothing when both are so. What is cached is dropped, for the source has all of it, and the statistics count from zero; a filesystem on the device stays mounted and keeps its size until it is grown as well. Refused when the source is smaller than Size (Failed) and for a writeback cache, which has to be removed and created again (NotSupported).",
            "action": "org.rapiddisk.manager.cache-resize"
        },
        "Flush": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Write cached data that the origin lacks to the origin. Only writeback holds such data; the other modes answer at once.",
            "action": "org.rapiddisk.manager.cache-remove"
        },
        "Remove": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "lose-unwritten": {
                            "type": "b",
                            "doc": "Of a writeback cache: remove it also when the kernel ended its flush with an error, since the origin is gone or fails, and lose what the origin lacks. The flush is tried first: with a sound origin nothing is lost. Refused (NotSupported) in the other modes, which hold nothing that the origin lacks.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [],
            "doc": "Remove the mapping, after writing what the origin lacks. Refused (Busy) while anything uses the mapped device or a saved object needs it. The volume stays. When a writeback cache cannot be flushed it is refused (Failed), with how many bytes the origin lacks, unless lose-unwritten is set, which also needs the action cache-lose-unwritten.",
            "action": "org.rapiddisk.manager.cache-remove"
        },
        "SetPersistent": {
            "in": [
                {
                    "name": "persistent",
                    "type": "b",
                    "doc": "Whether it is made again at each boot."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Save the cache, so that it is made again at each boot, with its volume, which is saved for as long as a saved cache is on it; or drop it from what is saved, which is refused (Busy) while a saved cache or export needs it.",
            "action": "org.rapiddisk.manager.configuration"
        },
        "SetMode": {
            "in": [
                {
                    "name": "mode",
                    "type": "s",
                    "doc": "write-through, write-around or pass-through."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Switch between write-through, write-around and pass-through while in use. A writeback cache is of another kind: remove it and create it again (NotSupported).",
            "action": "org.rapiddisk.manager.cache-create"
        }
    },
    "properties": {
        "Name": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "Name of the mapping, as in /dev/mapper."
        },
        "Device": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "Device path, /dev/mapper/NAME."
        },
        "Volume": {
            "type": "o",
            "access": "read",
            "emits": "true",
            "doc": "The volume that holds the cached blocks; / when it is not one of ours."
        },
        "Source": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "Device path of the origin. It follows the origin when that is renamed, and stays when the origin is gone, of which Problems tells."
        },
        "State": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "ok; origin-errors: the origin failed I/O since the cache was made or resized or its statistics were reset; origin-gone: the origin is not there any more; stopped: a writeback cache met an I/O error, of the origin or of the volume, after which the kernel fails all I/O to it. All but ok are in Problems. The kernel signals no failed I/O: it is known as soon as anybody reads the statistics, and within half a minute otherwise (longer with more than twenty caches)."
        },
        "Mode": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "write-through, write-around, writeback; pass-through while a cache is switched off."
        },
        "Size": {
            "type": "t",
            "access": "read",
            "emits": "true",
            "doc": "Size of the mapped device, in bytes."
        },
        "CacheSize": {
            "type": "t",
            "access": "read",
            "emits": "true",
            "doc": "Bytes of the volume that hold cached blocks: those that the mapping was made with, however the volume was resized since, until Resize takes that up. A writeback cache keeps records beside them, which do not count; while the kernel does not tell, it is the size of the volume."
        },
        "BlockSize": {
            "type": "u",
            "access": "read",
            "emits": "const",
            "doc": "Size of a cached block, in bytes. Of a writeback cache it is also the size of the device's sectors: 4096, or less where what is on the source was made for smaller ones."
        },
        "InUse": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether anything uses the mapped device."
        },
        "Users": {
            "type": "as",
            "access": "read",
            "emits": "true",
            "doc": "What uses it, one line each, of the forms that Users of a volume has."
        },
        "UserDetails": {
            "type": "aa{sv}",
            "access": "read",
            "emits": "true",
            "doc": "What uses it as values, one dictionary for each line of Users, with the keys that UserDetails of a volume has."
        },
        "Persistent": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether it is made again at each boot."
        },
        "Managed": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether this service made it."
        }
    },
    "signals": {}
} satisfies InterfaceSpec;

/** org.rapiddisk.Manager.Export: A device that other machines reach over NVMe: a subsystem of the NVMe target with its namespace. */
export const exportInterface = {
    "name": "org.rapiddisk.Manager.Export",
    "doc": "A device that other machines reach over NVMe: a subsystem of the NVMe target with its namespace.",
    "methods": {
        "AllowHost": {
            "in": [
                {
                    "name": "host",
                    "type": "s",
                    "doc": "NQN of the host."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty. Keys belong to the host, on every export.",
                    "options": {
                        "key": {
                            "type": "s",
                            "doc": "The host key in the form DHHC-1:HH:BASE64:.",
                            "secret": true
                        },
                        "controller-key": {
                            "type": "s",
                            "doc": "The key that the target proves in turn, in the same form.",
                            "secret": true
                        },
                        "hash": {
                            "type": "s",
                            "doc": "Hash of the authentication.",
                            "default": "sha256",
                            "choices": [
                                "sha256",
                                "sha384",
                                "sha512"
                            ]
                        },
                        "dhgroup": {
                            "type": "s",
                            "doc": "Diffie-Hellman group; null means none.",
                            "default": "null",
                            "choices": [
                                "null",
                                "ffdhe2048",
                                "ffdhe3072",
                                "ffdhe4096",
                                "ffdhe6144",
                                "ffdhe8192"
                            ]
                        },
                        "no-key": {
                            "type": "b",
                            "doc": "Make no key: any machine that presents the NQN of the host and reaches a port can connect, and every user on this machine can read that NQN.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [],
            "doc": "Let a host connect. An export that any host may use is narrowed to this one, and the others are disconnected. A key is for a host that has none yet: one that has another is refused (AlreadyExists), since SetHostKeys changes keys. A new key counts on every export that allows the host, so that permission is asked for each of them. With neither key nor no-key, on an export that is on a tcp or rdma port and where Features has nvme-auth, a key is made for a host that has none; TakeHostKeys gives it out once. A host that another export allows without a key is then refused (InvalidArgument), since the key would count there too.",
            "action": "org.rapiddisk.manager.export-allow-host"
        },
        "DenyHost": {
            "in": [
                {
                    "name": "host",
                    "type": "s",
                    "doc": "NQN of the host."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Let a host connect no more, and disconnect it. The others are disconnected for a moment and come back by themselves. When the kernel does not let the export back on a port, the host is denied all the same: the port is among the Problems of the root object and is tried again.",
            "action": "org.rapiddisk.manager.export-allow-host"
        },
        "TakeHostKeys": {
            "in": [
                {
                    "name": "hosts",
                    "type": "as",
                    "doc": "NQNs of the hosts; none means every host."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "keys",
                    "type": "a{ss}",
                    "doc": "Keys in the form DHHC-1:HH:BASE64: by the NQNs of the hosts; those that have none to be taken are left out."
                }
            ],
            "doc": "Give out the keys that CreateExport and AllowHost made for hosts of this export, each of them once: to the connection that made that call; any other needs the permission export-allow-host. A key can be taken until it is changed, its host is denied or the service ends; after that SetHostKeys sets another.",
            "action": "org.rapiddisk.manager.export-allow-host"
        },
        "SetAllowAnyHost": {
            "in": [
                {
                    "name": "any",
                    "type": "b",
                    "doc": "Whether any host may connect."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Open the export to any host, which drops the list of hosts (asks for export-allow-any-host; refused (Busy) while a host must prove a key), or close it, which disconnects everybody.",
            "action": "org.rapiddisk.manager.export-allow-host"
        },
        "SetHostKeys": {
            "in": [
                {
                    "name": "host",
                    "type": "s",
                    "doc": "NQN of the host."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty. Keys belong to the host, on every export.",
                    "options": {
                        "key": {
                            "type": "s",
                            "doc": "The host key in the form DHHC-1:HH:BASE64:.",
                            "secret": true
                        },
                        "controller-key": {
                            "type": "s",
                            "doc": "The key that the target proves in turn, in the same form.",
                            "secret": true
                        },
                        "hash": {
                            "type": "s",
                            "doc": "Hash of the authentication.",
                            "default": "sha256",
                            "choices": [
                                "sha256",
                                "sha384",
                                "sha512"
                            ]
                        },
                        "dhgroup": {
                            "type": "s",
                            "doc": "Diffie-Hellman group; null means none.",
                            "default": "null",
                            "choices": [
                                "null",
                                "ffdhe2048",
                                "ffdhe3072",
                                "ffdhe4096",
                                "ffdhe6144",
                                "ffdhe8192"
                            ]
                        },
                        "clear": {
                            "type": "b",
                            "doc": "Take the keys away.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [],
            "doc": "Give an allowed host other keys, or none. They count at its next connection, and on every export that allows the host: permission is asked for each of them.",
            "action": "org.rapiddisk.manager.export-allow-host"
        },
        "AddPort": {
            "in": [
                {
                    "name": "port",
                    "type": "u",
                    "doc": "Number of the port."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "allow-any-host": {
                            "type": "b",
                            "doc": "Say plainly that any host may come in through a port of another transport than loop.",
                            "default": "false"
                        }
                    }
                }
            ],
            "out": [],
            "doc": "Make the export reachable through one more port, and when it is saved, also after each boot: the port is then saved for as long as a saved export is on it.",
            "action": "org.rapiddisk.manager.export-create"
        },
        "RemovePort": {
            "in": [
                {
                    "name": "port",
                    "type": "u",
                    "doc": "Number of the port."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Take the export off a port, which disconnects its hosts there.",
            "action": "org.rapiddisk.manager.export-remove"
        },
        "SetEnabled": {
            "in": [
                {
                    "name": "enabled",
                    "type": "b",
                    "doc": "Whether it is on."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Switch the namespace on or off. Hosts lose a device that is switched off at once.",
            "action": "org.rapiddisk.manager.export-create"
        },
        "Revalidate": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Tell connected hosts when the size of the device has changed. Resize of a volume does this by itself.",
            "action": "org.rapiddisk.manager.export-create"
        },
        "Remove": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Take the export apart. It disappears from its hosts at once; the device stays.",
            "action": "org.rapiddisk.manager.export-remove"
        },
        "SetPersistent": {
            "in": [
                {
                    "name": "persistent",
                    "type": "b",
                    "doc": "Whether it is made again at each boot."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Restore the export at each boot with the ports that it is on; or stop doing so.",
            "action": "org.rapiddisk.manager.configuration"
        },
        "GetStatistics": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "statistics",
                    "type": "a{sv}",
                    "doc": "read_ios, read_bytes, read_ms, write_ios, write_bytes, write_ms, discard_ios, discard_bytes, in_flight, io_ms (t each)."
                }
            ],
            "doc": "I/O statistics of the exported device, from the block layer."
        },
        "GetConnections": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "connections",
                    "type": "aa{sv}",
                    "doc": "One dictionary a port: port (u), transport (s), known (b: whether it can be told at all), exclusive (b: whether all of them are connected to this very export and not to another one on the same port), hosts (as: NQNs where the kernel tells them, else addresses)."
                }
            ],
            "doc": "Who is connected, as far as the kernel or the socket table tells."
        }
    },
    "properties": {
        "Nqn": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "NVMe qualified name of the subsystem."
        },
        "NamespaceId": {
            "type": "u",
            "access": "read",
            "emits": "true",
            "doc": "Number of the namespace; 0 when the subsystem has none."
        },
        "Device": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "Device path of what is exported. It follows a mapping that is renamed while the export is switched on."
        },
        "Backing": {
            "type": "o",
            "access": "read",
            "emits": "true",
            "doc": "The volume or cache behind it; / when it is none of ours."
        },
        "Enabled": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether the namespace is switched on."
        },
        "AllowAnyHost": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether any host may connect."
        },
        "AllowedHosts": {
            "type": "as",
            "access": "read",
            "emits": "true",
            "doc": "NQNs of the hosts that may connect."
        },
        "AuthenticatedHosts": {
            "type": "as",
            "access": "read",
            "emits": "true",
            "doc": "Those of the allowed hosts that must prove a key (DH-HMAC-CHAP)."
        },
        "Ports": {
            "type": "ao",
            "access": "read",
            "emits": "true",
            "doc": "Ports through which it is reached."
        },
        "Serial": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "Serial number that hosts see."
        },
        "Model": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "Model name that hosts see."
        },
        "Uuid": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "UUID of the namespace: the same over unexport, reboot and a change of the host's name; another one once the volume was erased or removed."
        },
        "Nguid": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "Globally unique identifier of the namespace: the same bytes as the UUID."
        },
        "Persistent": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether it is made again at each boot."
        },
        "Managed": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether this service made it."
        }
    },
    "signals": {}
} satisfies InterfaceSpec;

/** org.rapiddisk.Manager.Job: Work that can outlast a second: a flush from its start, a change of a volume once it has taken a second. A finished job stays visible for 60 seconds. */
export const jobInterface = {
    "name": "org.rapiddisk.Manager.Job",
    "doc": "Work that can outlast a second: a flush from its start, a change of a volume once it has taken a second. A finished job stays visible for 60 seconds.",
    "methods": {
        "Cancel": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Stop the work; what was done is left in a whole state. Refused (NotSupported) where the kernel does it in one step.",
            "action": "org.rapiddisk.manager.job-cancel"
        }
    },
    "properties": {
        "Operation": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "What is being done, for example cache-flush."
        },
        "State": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "running, done, failed or cancelled."
        },
        "Progress": {
            "type": "d",
            "access": "read",
            "emits": "true",
            "doc": "0 to 1."
        },
        "Bytes": {
            "type": "t",
            "access": "read",
            "emits": "true",
            "doc": "Bytes to do in total; 0 when unknown."
        },
        "ExpectedEndTime": {
            "type": "t",
            "access": "read",
            "emits": "true",
            "doc": "When it should end, microseconds since 1970; 0 when unknown."
        },
        "Objects": {
            "type": "ao",
            "access": "read",
            "emits": "const",
            "doc": "Objects that it works on."
        },
        "Error": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "D-Bus error name when failed; else empty."
        },
        "Message": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "The error in one sentence when failed; while it runs, what it waits for, if anything; else empty."
        },
        "Cancellable": {
            "type": "b",
            "access": "read",
            "emits": "const",
            "doc": "Whether Cancel can stop it: not so where the kernel does it in one step."
        },
        "Cookie": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "The option cookie of the call whose work this is, all of it: by that a caller knows its own job. Empty when the call gave none, or asked for more than this job does (the flush in the removal of a writeback cache)."
        }
    },
    "signals": {}
} satisfies InterfaceSpec;

/** org.rapiddisk.Manager.Port: A port of the NVMe target: an address where hosts connect to exports. */
export const portInterface = {
    "name": "org.rapiddisk.Manager.Port",
    "doc": "A port of the NVMe target: an address where hosts connect to exports.",
    "methods": {
        "Remove": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Remove the port. Refused (Busy) while an export uses it, or a saved one needs it.",
            "action": "org.rapiddisk.manager.port-manage"
        },
        "SetPersistent": {
            "in": [
                {
                    "name": "persistent",
                    "type": "b",
                    "doc": "Whether it is made again at each boot."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Restore the port at each boot, whatever exports are on it; or stop doing so, which is refused (Busy) while a saved export needs it.",
            "action": "org.rapiddisk.manager.configuration"
        }
    },
    "properties": {
        "Id": {
            "type": "u",
            "access": "read",
            "emits": "const",
            "doc": "Number of the port, 1 to 65535. It is not the number of a TCP port."
        },
        "Transport": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "tcp, rdma or loop; another word, or none, for a port that others made."
        },
        "Address": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "IP address, a link-local one with its interface after %; empty for loop."
        },
        "Family": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "ipv4 or ipv6; empty for loop."
        },
        "Service": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "TCP port number (for rdma the same in RDMA's number space); empty for loop."
        },
        "Interface": {
            "type": "s",
            "access": "read",
            "emits": "true",
            "doc": "Network interface of this host that has the address; empty when none has."
        },
        "Exports": {
            "type": "ao",
            "access": "read",
            "emits": "true",
            "doc": "Exports that are reached through it."
        },
        "Tls": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether hosts must speak TLS."
        },
        "Persistent": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether it is made again at each boot: on its own, or for as long as a saved export is on it."
        },
        "Managed": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether this service made it."
        }
    },
    "signals": {}
} satisfies InterfaceSpec;

/** org.rapiddisk.Manager.Tokens: Bearer tokens by which programs identify themselves to the HTTP bridge. Lives on the root object. Only digests of tokens are kept. */
export const tokensInterface = {
    "name": "org.rapiddisk.Manager.Tokens",
    "doc": "Bearer tokens by which programs identify themselves to the HTTP bridge. Lives on the root object. Only digests of tokens are kept.",
    "methods": {
        "CreateToken": {
            "in": [
                {
                    "name": "name",
                    "type": "s",
                    "doc": "Who or what will use it: 1 to 64 letters, digits, blanks and . _ @ -."
                },
                {
                    "name": "scope",
                    "type": "s",
                    "doc": "read, operate (also change volumes and caches) or admin (also everything else that the bridge may)."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {
                        "lifetime": {
                            "type": "u",
                            "doc": "Seconds until it expires.",
                            "default": "7776000 (90 days)",
                            "minimum": 60,
                            "maximum": 315360000
                        }
                    }
                }
            ],
            "out": [
                {
                    "name": "id",
                    "type": "s",
                    "doc": "What the token is called in lists and in the journal."
                },
                {
                    "name": "token",
                    "type": "s",
                    "doc": "The token: a secret."
                }
            ],
            "doc": "Create a token. It is shown this once and cannot be told again.",
            "action": "org.rapiddisk.manager.token-manage"
        },
        "ListTokens": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "tokens",
                    "type": "aa{sv}",
                    "doc": "One dictionary a token: id (s), name (s), scope (s), created (t, seconds since 1970), expires (t, seconds since 1970)."
                }
            ],
            "doc": "List tokens, without anything that is secret.",
            "action": "org.rapiddisk.manager.token-manage"
        },
        "RevokeToken": {
            "in": [
                {
                    "name": "id",
                    "type": "s",
                    "doc": "The id of the token."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Make a token invalid at once.",
            "action": "org.rapiddisk.manager.token-manage"
        },
        "GetTokenDigests": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "digests",
                    "type": "aa{sv}",
                    "doc": "One dictionary a token: id (s), name (s), scope (s), expires (t, seconds since 1970), digest (s, SHA-256 of the token in hexadecimal)."
                }
            ],
            "doc": "What the bridge checks tokens with. A digest does not lead back to its token.",
            "action": "org.rapiddisk.manager.token-verify"
        }
    },
    "properties": {
        "Revision": {
            "type": "t",
            "access": "read",
            "emits": "true",
            "doc": "Grows whenever a token is created or revoked."
        }
    },
    "signals": {}
} satisfies InterfaceSpec;

/** org.rapiddisk.Manager.Volume: A RAM disk. */
export const volumeInterface = {
    "name": "org.rapiddisk.Manager.Volume",
    "doc": "A RAM disk.",
    "methods": {
        "Resize": {
            "in": [
                {
                    "name": "size",
                    "type": "t",
                    "doc": "New size in bytes: a multiple of 512."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Change the size. Growing works while in use, and allocates what a populated volume gets at once; shrinking is refused (Busy) while anything uses the volume and below data that was written.",
            "action": "org.rapiddisk.manager.volume-resize"
        },
        "SetReadOnly": {
            "in": [
                {
                    "name": "read-only",
                    "type": "b",
                    "doc": "Whether writes are refused from now on."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Lock or unlock the volume.",
            "action": "org.rapiddisk.manager.volume-lock"
        },
        "Erase": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Drop the contents and give their memory back, which a populated volume keeps; the volume then reads as zeros. Refused (Busy) while anything uses it.",
            "action": "org.rapiddisk.manager.volume-erase"
        },
        "Remove": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Remove the volume and its contents. Refused (Busy) while anything uses it or a saved object needs it.",
            "action": "org.rapiddisk.manager.volume-remove"
        },
        "GetStatistics": {
            "in": [
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [
                {
                    "name": "statistics",
                    "type": "a{sv}",
                    "doc": "used (t), errors (t), read_ios (t), read_bytes (t), read_ms (t), write_ios (t), write_bytes (t), write_ms (t), discard_ios (t), discard_bytes (t), in_flight (t), io_ms (t), highest_written (t)."
                }
            ],
            "doc": "I/O statistics of the volume."
        },
        "SetPersistent": {
            "in": [
                {
                    "name": "persistent",
                    "type": "b",
                    "doc": "Whether it is made again at each boot."
                },
                {
                    "name": "options",
                    "type": "a{sv}",
                    "doc": "May be empty.",
                    "options": {}
                }
            ],
            "out": [],
            "doc": "Save the volume, so that it is made again, empty, at each boot; or drop it from what is saved, which is refused (Busy) while a saved cache or export needs it.",
            "action": "org.rapiddisk.manager.configuration"
        }
    },
    "properties": {
        "Name": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "Kernel name, rdN."
        },
        "Number": {
            "type": "u",
            "access": "read",
            "emits": "const",
            "doc": "The N of rdN."
        },
        "Device": {
            "type": "s",
            "access": "read",
            "emits": "const",
            "doc": "Device path, /dev/rdN."
        },
        "Size": {
            "type": "t",
            "access": "read",
            "emits": "true",
            "doc": "Size in bytes."
        },
        "Used": {
            "type": "t",
            "access": "read",
            "emits": "false",
            "doc": "RAM that it holds, in bytes. Read when asked, not signalled."
        },
        "Populated": {
            "type": "b",
            "access": "read",
            "emits": "const",
            "doc": "Whether all of its memory was allocated when it was made, and stays so: discard and Erase zero the contents and give no memory back. Always false with upstream's module."
        },
        "ReadOnly": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether writes are refused."
        },
        "Errors": {
            "type": "t",
            "access": "read",
            "emits": "false",
            "doc": "I/O errors since it was made, most often writes that found no memory. Read when asked, not signalled."
        },
        "InUse": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether anything uses it."
        },
        "Users": {
            "type": "as",
            "access": "read",
            "emits": "true",
            "doc": "What uses it, one line each, of these forms: mounted on PATH; journal or log of the file system on PATH; part of a mounted btrfs file system; swap; backing file of LOOP; exported as NQN, with (switched off) behind it for one that is off; exported by the SCSI target as NAME; cache of MAPPING; origin of MAPPING; held by DEVICE. PARTITION: stands before what uses a partition only, (through DEVICE) behind what uses a device that is stacked on it."
        },
        "UserDetails": {
            "type": "aa{sv}",
            "access": "read",
            "emits": "true",
            "doc": "What uses it as values, one dictionary for each line of Users, in the same order: kind (s: mount, journal, btrfs, swap, loop, export, export-off, scsi, cache, origin, holder), text (s, the line), name (s, the mount point, loop device, NQN, back end, mapping or device; empty where there is none), partition (s, empty for a use of the whole device), through (as, what is stacked in between, the nearest to the device last). There may be further kinds and keys."
        },
        "Persistent": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether it is made again, empty, at each boot."
        },
        "Managed": {
            "type": "b",
            "access": "read",
            "emits": "true",
            "doc": "Whether this service made it."
        }
    },
    "signals": {}
} satisfies InterfaceSpec;

/** Every interface by its name. */
export const interfaces: Readonly<Record<string, InterfaceSpec>> = {
    "org.rapiddisk.Manager": managerInterface,
    "org.rapiddisk.Manager.Cache": cacheInterface,
    "org.rapiddisk.Manager.Export": exportInterface,
    "org.rapiddisk.Manager.Job": jobInterface,
    "org.rapiddisk.Manager.Port": portInterface,
    "org.rapiddisk.Manager.Tokens": tokensInterface,
    "org.rapiddisk.Manager.Volume": volumeInterface,
};

/** Options of every method with options, by the short name of its interface and its own name. */
export const methodOptions: Readonly<Record<keyof OptionsOf, OptionSpecs>> = {
    "Manager.LoadModules": optionsOf(managerInterface.methods.LoadModules),
    "Manager.GetResources": optionsOf(managerInterface.methods.GetResources),
    "Manager.GetAllStatistics": optionsOf(managerInterface.methods.GetAllStatistics),
    "Manager.CreateVolume": optionsOf(managerInterface.methods.CreateVolume),
    "Manager.CreateCache": optionsOf(managerInterface.methods.CreateCache),
    "Manager.CreatePort": optionsOf(managerInterface.methods.CreatePort),
    "Manager.CreateExport": optionsOf(managerInterface.methods.CreateExport),
    "Manager.Restore": optionsOf(managerInterface.methods.Restore),
    "Manager.Forget": optionsOf(managerInterface.methods.Forget),
    "Cache.GetStatistics": optionsOf(cacheInterface.methods.GetStatistics),
    "Cache.ResetStatistics": optionsOf(cacheInterface.methods.ResetStatistics),
    "Cache.Resize": optionsOf(cacheInterface.methods.Resize),
    "Cache.Flush": optionsOf(cacheInterface.methods.Flush),
    "Cache.Remove": optionsOf(cacheInterface.methods.Remove),
    "Cache.SetPersistent": optionsOf(cacheInterface.methods.SetPersistent),
    "Cache.SetMode": optionsOf(cacheInterface.methods.SetMode),
    "Export.AllowHost": optionsOf(exportInterface.methods.AllowHost),
    "Export.DenyHost": optionsOf(exportInterface.methods.DenyHost),
    "Export.TakeHostKeys": optionsOf(exportInterface.methods.TakeHostKeys),
    "Export.SetAllowAnyHost": optionsOf(exportInterface.methods.SetAllowAnyHost),
    "Export.SetHostKeys": optionsOf(exportInterface.methods.SetHostKeys),
    "Export.AddPort": optionsOf(exportInterface.methods.AddPort),
    "Export.RemovePort": optionsOf(exportInterface.methods.RemovePort),
    "Export.SetEnabled": optionsOf(exportInterface.methods.SetEnabled),
    "Export.Revalidate": optionsOf(exportInterface.methods.Revalidate),
    "Export.Remove": optionsOf(exportInterface.methods.Remove),
    "Export.SetPersistent": optionsOf(exportInterface.methods.SetPersistent),
    "Export.GetStatistics": optionsOf(exportInterface.methods.GetStatistics),
    "Export.GetConnections": optionsOf(exportInterface.methods.GetConnections),
    "Job.Cancel": optionsOf(jobInterface.methods.Cancel),
    "Port.Remove": optionsOf(portInterface.methods.Remove),
    "Port.SetPersistent": optionsOf(portInterface.methods.SetPersistent),
    "Tokens.CreateToken": optionsOf(tokensInterface.methods.CreateToken),
    "Tokens.ListTokens": optionsOf(tokensInterface.methods.ListTokens),
    "Tokens.RevokeToken": optionsOf(tokensInterface.methods.RevokeToken),
    "Tokens.GetTokenDigests": optionsOf(tokensInterface.methods.GetTokenDigests),
    "Volume.Resize": optionsOf(volumeInterface.methods.Resize),
    "Volume.SetReadOnly": optionsOf(volumeInterface.methods.SetReadOnly),
    "Volume.Erase": optionsOf(volumeInterface.methods.Erase),
    "Volume.Remove": optionsOf(volumeInterface.methods.Remove),
    "Volume.GetStatistics": optionsOf(volumeInterface.methods.GetStatistics),
    "Volume.SetPersistent": optionsOf(volumeInterface.methods.SetPersistent),
};

/** Options that each of them takes besides. */
export const commonOptions: Readonly<Record<keyof CommonOptions, OptionSpec>> = {
    ...managerInterface.commonOptions,
};
