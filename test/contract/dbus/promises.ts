// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** All promises of the D-Bus contract. */
import { behaviourPromises } from "./behaviour.js";
import type { Promised } from "./fixture.js";
import { shapePromises } from "./shape.js";

export const promises: readonly Promised[] = [...shapePromises, ...behaviourPromises];
