// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Variant } from "../../../service/src/bus/api.js";
import type { MethodsOf, PropertiesOf } from "../../../service/src/generated/types.js";
import type { OptionTypes } from "../generated/signatures.js";

/** A value in a variant, as the bridge passes it: its signature, and the value. Said here again for what runs without Cockpit. */
interface DBusVariant {
    readonly t: string;
    readonly v: unknown;
}

/** A value of the interface as Cockpit's bridge passes it: 64-bit integers are numbers (exact to 2^53), maps are objects. */
export type OnPage<T> = T extends bigint
    ? number
    : T extends Variant
      ? DBusVariant
      : T extends ReadonlyMap<string, infer V>
        ? Readonly<Record<string, OnPage<V>>>
        : T extends readonly (infer E)[]
          ? readonly OnPage<E>[]
          : T;

/** Name of an interface of the service. */
export type InterfaceName = keyof PropertiesOf;

/** Properties of an interface as the page has them. */
export type Properties<I extends InterfaceName> = {
    readonly [K in keyof PropertiesOf[I]]: OnPage<PropertiesOf[I][K]>;
};

/** Names of the methods of an interface. */
export type MethodName<I extends InterfaceName> = keyof MethodsOf[I] & string;

type Signature<I extends InterfaceName, M extends MethodName<I>> = MethodsOf[I][M] extends (
    ...args: infer A
) => Promise<infer R>
    ? { args: A; result: R }
    : never;

declare const taken: unique symbol;

/** Options in variants. @typeParam O which there may be in it, each as "KEY:TYPE" */
export type OptionVariants<O extends string = never> = Readonly<Record<string, DBusVariant>> & { readonly [taken]?: O };

type OptionOf<I extends InterfaceName, M> = M extends keyof OptionTypes[I] ? OptionTypes[I][M] & string : never;

type Argument<T, O extends string> = T extends bigint | number
    ? number
    : T extends string | boolean | readonly string[]
      ? T
      : OptionVariants<O>;

type Each<A, O extends string> = A extends readonly unknown[] ? { [K in keyof A]: Argument<A[K], O> } : never;

/** Arguments of a method: sizes are numbers, options an object of variants, of which the method must know every one. */
export type Arguments<I extends InterfaceName, M extends MethodName<I>> = Each<Signature<I, M>["args"], OptionOf<I, M>>;

/** What a method answers. */
export type Result<I extends InterfaceName, M extends MethodName<I>> = OnPage<Signature<I, M>["result"]>;
