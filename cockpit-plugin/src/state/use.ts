// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useSyncExternalStore } from "react";
import type { State } from "./objects.js";
import { store } from "./store.js";

/**
 * A part of what the page knows; the component is drawn again only when that part is another one.
 * @param select picks it; must give the same value (by identity) for the same state
 */
export function useStore<T>(select: (state: State) => T): T {
    return useSyncExternalStore(store.subscribe, () => select(store.state));
}
