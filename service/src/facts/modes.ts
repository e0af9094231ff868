// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The modes in which a cache is made and saved, by their words on the bus. */
export const NEW_MODES = ["write-through", "write-around", "writeback"] as const;

/** The modes that a cache of the target rapiddisk-cache can be switched to; `pass-through` switches the cache off. */
export const SWITCH_MODES = ["write-through", "write-around", "pass-through"] as const;

/** A mode in which a cache is made and saved. */
export type NewMode = (typeof NEW_MODES)[number];

/** A mode that a cache can be switched to while it is in use. */
export type SwitchMode = (typeof SWITCH_MODES)[number];

/** How a cache treats writes. */
export type CacheMode = NewMode | SwitchMode;

/** The mode that the command and the page begin with: the one that loses nothing and serves what was written. */
export const DEFAULT_MODE: NewMode = "write-through";

/** A kernel module that has the target of a cache. */
export type ModeModule = "rapiddisk_cache" | "dm_writecache";

/** What is to be known of a mode in which a cache is made. */
interface ModeFacts {
    /** Upstream's letters, which also stand in the names (rc-wt_sdb) and UUIDs of mappings. */
    readonly letters: "wt" | "wa" | "wb";
    /** The kernel module that has its target. */
    readonly module: ModeModule;
    /** The smallest volume that it takes, in bytes: blocks of 4 KiB, with dm-writecache its own records, too. */
    readonly smallestVolume: number;
}

/** What is to be known of each mode in which a cache is made. */
export const MODES: Readonly<Record<NewMode, ModeFacts>> = {
    "write-through": { letters: "wt", module: "rapiddisk_cache", smallestVolume: 8 * 4096 },
    "write-around": { letters: "wa", module: "rapiddisk_cache", smallestVolume: 8 * 4096 },
    writeback: { letters: "wb", module: "dm_writecache", smallestVolume: 16 * 4096 },
};

/** The target rapiddisk-cache: how its table names a mode, and the message that switches to it (docs/kernel-cache.md). */
export const TARGET_MODES: Readonly<Record<SwitchMode, { readonly argument: string; readonly message: string }>> = {
    "write-through": { argument: "0", message: "mode wt" },
    "write-around": { argument: "1", message: "mode wa" },
    "pass-through": { argument: "passthrough", message: "mode passthrough" },
};

/** Other spellings that are taken for a word of the bus. */
const SPELLINGS: Readonly<Record<string, NewMode>> = { "write-back": "writeback" };

/** Every word that is taken for a mode in which a cache is made. */
export const MODE_WORDS: readonly string[] = [...NEW_MODES, ...Object.keys(SPELLINGS)];

/** Finds the mode that a word of the bus stands for; `write-back` is taken as `writeback`. @returns undefined for any other word */
export function modeOfWord(word: string): NewMode | undefined {
    return NEW_MODES.find((mode) => mode === word) ?? (Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined);
}

/** Finds the mode that upstream's letters stand for. @returns undefined for anything else */
export function modeOfLetters(letters: string): NewMode | undefined {
    return NEW_MODES.find((mode) => MODES[mode].letters === letters);
}

/** Whether a mode can be switched to while the cache is in use. */
export function isSwitchMode(word: string): word is SwitchMode {
    return SWITCH_MODES.some((mode) => mode === word);
}
