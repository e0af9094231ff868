// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { INTROSPECTABLE, OBJECT_MANAGER, PEER, PROPERTIES } from "../../facts/dbus.js";
import type { ArgSpec, InterfaceSpec } from "../api.js";

/** The standard interfaces (D-Bus specification, "Standard Interfaces"), which every object gets by itself. */

const arg = (name: string, type: string, doc: string): ArgSpec => ({ name, type, doc });

const INTERFACE_NAME = arg("interface_name", "s", "Name of the interface; empty means every interface of the object.");
const PROPERTY_NAME = arg("property_name", "s", "Name of the property.");

/** org.freedesktop.DBus.Peer: on every path, whether an object is there or not. */
export const peerInterface: InterfaceSpec = {
    name: PEER,
    doc: "Whether the service answers, and which machine it runs on.",
    methods: {
        Ping: { in: [], out: [], doc: "Answer." },
        GetMachineId: {
            in: [],
            out: [arg("machine_uuid", "s", "Machine id, 32 hexadecimal digits.")],
            doc: "Get the id of the machine that the service runs on.",
        },
    },
    properties: {},
    signals: {},
};

/** org.freedesktop.DBus.Introspectable. */
export const introspectableInterface: InterfaceSpec = {
    name: INTROSPECTABLE,
    doc: "What an object can do.",
    methods: {
        Introspect: {
            in: [],
            out: [arg("xml_data", "s", "Introspection data in XML.")],
            doc: "Get the interfaces of the object and the names of the objects below it.",
        },
    },
    properties: {},
    signals: {},
};

/** org.freedesktop.DBus.Properties. */
export const propertiesInterface: InterfaceSpec = {
    name: PROPERTIES,
    doc: "Access to properties.",
    methods: {
        Get: {
            in: [INTERFACE_NAME, PROPERTY_NAME],
            out: [arg("value", "v", "Value of the property.")],
            doc: "Get one property.",
        },
        GetAll: {
            in: [INTERFACE_NAME],
            out: [arg("properties", "a{sv}", "Properties by name.")],
            doc: "Get every property of an interface.",
        },
        Set: {
            in: [INTERFACE_NAME, PROPERTY_NAME, arg("value", "v", "New value.")],
            out: [],
            doc: "Set one property.",
        },
    },
    properties: {},
    signals: {
        PropertiesChanged: {
            args: [
                arg("interface_name", "s", "Interface that the properties belong to."),
                arg("changed_properties", "a{sv}", "New values by name."),
                arg("invalidated_properties", "as", "Names of properties that changed without their value being sent."),
            ],
            doc: "Properties changed.",
        },
    },
};

/** org.freedesktop.DBus.ObjectManager: on the root object. */
export const objectManagerInterface: InterfaceSpec = {
    name: OBJECT_MANAGER,
    doc: "All objects below this one.",
    methods: {
        GetManagedObjects: {
            in: [],
            out: [arg("objects", "a{oa{sa{sv}}}", "Properties by interface by object path.")],
            doc: "Get every object below this one with every property of it.",
        },
    },
    properties: {},
    signals: {
        InterfacesAdded: {
            args: [arg("object", "o", "The new object."), arg("interfaces", "a{sa{sv}}", "Properties by interface.")],
            doc: "An object was added.",
        },
        InterfacesRemoved: {
            args: [arg("object", "o", "The object that is gone."), arg("interfaces", "as", "Interfaces that it had.")],
            doc: "An object was removed.",
        },
    },
};
