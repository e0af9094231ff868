// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { isPath } from "../wire/names.js";
import type { ExportedObject } from "./exported.js";
import { introspectionXml } from "./introspection.js";
import { introspectableInterface, objectManagerInterface, peerInterface, propertiesInterface } from "./standard.js";

interface TreeNode {
    children: Map<string, TreeNode>;
    object?: ExportedObject | undefined;
    /** Introspection data; made when first asked for after a change. */
    xml?: string | undefined;
}

/** The objects by path, and the paths that lead to them. */
export class ObjectTree {
    private readonly top: TreeNode = { children: new Map() };
    private readonly objects = new Map<string, ExportedObject>();
    /** Goes up with every change of what is there, or of a value of what is below the root. */
    revision = 0;

    /** @param root path of the object that has the ObjectManager */
    constructor(readonly root: string) {
        if (!isPath(root)) throw new Error(`"${root}" is not an object path`);
    }

    /** Finds the object at a path. */
    get(path: string): ExportedObject | undefined {
        return this.objects.get(path);
    }

    /** Objects below the root, in the order in which they were added. */
    *managed(): Generator<ExportedObject> {
        for (const object of this.objects.values()) if (this.isManaged(object.path)) yield object;
    }

    /** Whether a path is below the root. */
    isManaged(path: string): boolean {
        return path.length > this.root.length && path.startsWith(this.root === "/" ? "/" : `${this.root}/`);
    }

    /** @throws Error when the path is invalid or taken */
    add(object: ExportedObject): void {
        if (!isPath(object.path)) throw new Error(`"${object.path}" is not an object path`);
        if (this.objects.has(object.path)) throw new Error(`${object.path} exists already`);
        this.objects.set(object.path, object);
        this.revision += 1;
        let node = this.top;
        for (const name of labels(object.path)) {
            let child = node.children.get(name);
            if (child === undefined) {
                child = { children: new Map() };
                node.children.set(name, child);
                node.xml = undefined;
            }
            node = child;
        }
        node.object = object;
        node.xml = undefined;
    }

    /** @throws Error when there is no such object */
    remove(path: string): ExportedObject {
        const object = this.objects.get(path);
        if (object === undefined) throw new Error(`${path} does not exist`);
        this.objects.delete(path);
        this.revision += 1;
        prune(this.top, labels(path));
        return object;
    }

    /** Tells that a value of an object changed: what was made of it is no longer true. */
    changed(object: ExportedObject): void {
        object.changed();
        if (this.isManaged(object.path)) this.revision += 1;
    }

    /** Gives the introspection data of a path; undefined when nothing is there or below. */
    introspect(path: string): string | undefined {
        let node: TreeNode | undefined = this.top;
        for (const name of labels(path)) node = node?.children.get(name);
        if (node === undefined) return undefined;
        node.xml ??= introspectionXml(this.specs(path, node.object), node.children.keys());
        return node.xml;
    }

    private specs(path: string, object: ExportedObject | undefined) {
        const own = [...(object?.interfaces.values() ?? [])].map((exported) => exported.compiled.spec);
        const standard = [peerInterface, introspectableInterface];
        if (object !== undefined) standard.push(propertiesInterface);
        if (path === this.root) standard.push(objectManagerInterface);
        return [...standard, ...own];
    }
}

function labels(path: string): string[] {
    return path === "/" ? [] : path.slice(1).split("/");
}

/** Takes the object at the end of the labels away, and nodes that lead nowhere then. */
function prune(node: TreeNode, [name, ...rest]: string[]): void {
    if (name === undefined) {
        node.object = undefined;
        node.xml = undefined;
        return;
    }
    const child = node.children.get(name);
    if (child === undefined) return;
    prune(child, rest);
    if (child.children.size > 0 || child.object !== undefined) return;
    node.children.delete(name);
    node.xml = undefined;
}
