// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useSyncExternalStore } from "react";
import type { ObjectKind, State } from "./objects.js";
import { store } from "./store.js";

/**
 * A part of what the page knows; the component is drawn again only when that part is another one.
 * @param select picks it; must give the same value (by identity) for the same state
 */
export function useStore<T>(select: (state: State) => T): T {
    return useSyncExternalStore(store.subscribe, () => select(store.state));
}

/** The maps of the store that hold objects by their path. */
type Maps = Pick<State, ObjectKind>;
type ObjectIn<K extends keyof Maps> = Maps[K] extends ReadonlyMap<string, infer T> ? T : never;

/**
 * The object as it is now, or as it last was when it is gone; a dialog draws from it, so that it follows what others change.
 * @param kind the map of the store that holds it
 * @param last the object as the dialog was opened with it
 */
export function useCurrent<K extends keyof Maps>(kind: K, last: ObjectIn<K> & { readonly path: string }): ObjectIn<K> {
    return useStore((state) => (state[kind] as ReadonlyMap<string, ObjectIn<K>>).get(last.path)) ?? last;
}
