// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";

/**
 * Keeps in one value what the fields of a dialog say.
 * @param first what they begin with, or what works it out, once
 * @returns the value, and what changes a part of it
 */
export function useFields<T extends object>(first: T | (() => T)): [T, (change: Partial<T>) => void] {
    const [fields, setFields] = useState(first);
    return [fields, (change) => setFields((before) => ({ ...before, ...change }))];
}
