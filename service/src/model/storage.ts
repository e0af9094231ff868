// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NewMode } from "./types.js";

/** A volume that is to be made again at each boot, empty. */
export interface VolumeEntry {
    number: number;
    /** Bytes. */
    size: number;
    readOnly: boolean;
}

/** A cache that is to be made again at each boot. */
export interface CacheEntry {
    name: string;
    /** Number of its volume. */
    volume: number;
    /** Path of the origin: one that stays the same across boots where there is one. */
    source: string;
    mode: NewMode;
}

/** What is to be there after each boot. */
export interface SavedState {
    volumes: VolumeEntry[];
    caches: CacheEntry[];
}

/** Where the saved state lives. */
export interface StateStore {
    /** @throws Error with a sentence for a person when what is stored cannot be understood */
    load(): Promise<SavedState>;
    /** Replaces the stored state, whole or not at all, and only returns once it would survive a power cut. */
    save(state: SavedState): Promise<void>;
}

/** What an operation is about to do to one object: enough to bring the saved state in line after a sudden death. */
export interface Intent {
    operation: string;
    object: { kind: "volume"; number: number } | { kind: "cache"; name: string; uuid: string };
    before: VolumeEntry | CacheEntry | null;
    after: VolumeEntry | CacheEntry | null;
}

/** An intent found at start: its author did not live to finish it. */
export interface PendingIntent extends Intent {
    id: string;
    /** The step that was begun last; empty when none was. */
    step: string;
}

/** Intents that survive the death of the process (not of the machine: RAM disks do not either). */
export interface IntentLog {
    /** Writes an intent down before its first step. */
    begin(intent: Intent): Promise<{ step(name: string): Promise<void>; end(): Promise<void> }>;
    /** Intents that were begun and not ended. */
    pending(): Promise<PendingIntent[]>;
    /** Forgets a pending one. */
    forget(id: string): Promise<void>;
}
