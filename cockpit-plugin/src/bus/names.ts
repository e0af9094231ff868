// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The service's name on the system bus. */
export const SERVICE = "org.rapiddisk.Manager";
/** The object at the top, which is also the ObjectManager. */
export const ROOT = "/org/rapiddisk/Manager";
/** Its unit in systemd. */
export const UNIT = "rapiddiskd.service";

export const OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";
export const PROPERTIES = "org.freedesktop.DBus.Properties";

/** The bus itself, as an object on it. */
export const BUS = "org.freedesktop.DBus";
export const BUS_PATH = "/org/freedesktop/DBus";
