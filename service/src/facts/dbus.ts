// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Name of the message bus itself on it, and of the interface that it has (D-Bus specification, "Message Bus"). */
export const BUS = "org.freedesktop.DBus";
/** Object path of the message bus. */
export const BUS_PATH = "/org/freedesktop/DBus";

export const PEER = "org.freedesktop.DBus.Peer";
export const INTROSPECTABLE = "org.freedesktop.DBus.Introspectable";
export const PROPERTIES = "org.freedesktop.DBus.Properties";
export const OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";

/** How the names of errors begin that the specification or the message bus defines; a dot and the kind follow. */
export const STANDARD_ERROR = "org.freedesktop.DBus.Error";
