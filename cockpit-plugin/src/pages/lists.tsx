// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button, FormSelect, FormSelectOption, TextInput } from "@patternfly/react-core";
import { useEffect, useMemo, useState } from "react";
import { Message } from "../components/states.js";
import { Section } from "../components/section.js";
import { ObjectTable, type SortOrder } from "../components/table.js";
import { option, setOptions, useLocation } from "../lib/address.js";
import { number } from "../lib/bytes.js";
import { _, format, ngettext } from "../lib/gettext.js";
import { conditions, fits, found, listedKinds, type Condition, type ListedKind } from "../state/list.js";
import type { ObjectOf } from "../state/objects.js";
import { useStore } from "../state/use.js";
import { menus } from "./actions.js";
import { columns } from "./columns.js";
import { conditionName, kindName, nothingYet } from "./words.js";

/** How long a person may pause between two letters before the address follows, in ms. */
const PAUSE = 150;

/** What the address says of the lists: find (words), show (a kind), only (a condition), and an order for each kind. */
function useWanted() {
    const location = useLocation();
    const condition = option(location, "only");
    const kind = option(location, "show");
    return {
        find: option(location, "find"),
        only: conditions.find((one) => one === condition),
        show: listedKinds.find((one) => one === kind),
        order: (of: ListedKind): SortOrder => {
            const text = option(location, of);
            return { column: text.replace(/^-/, "") || "name", descending: text.startsWith("-") };
        },
        set: (change: Readonly<Record<string, string | undefined>>): void => {
            const before = Object.keys(location.options).map((key) => [key, option(location, key)] as const);
            setOptions({ ...Object.fromEntries(before), ...change });
        },
    };
}

type Wanted = ReturnType<typeof useWanted>;

/** All objects, a table for each kind, narrowed and sorted as the address says. */
export function Lists() {
    const wanted = useWanted();
    const kinds = wanted.show ? [wanted.show] : listedKinds;
    return (
        <>
            <Narrow wanted={wanted} />
            {kinds.map((kind) => (
                <List key={kind} kind={kind} wanted={wanted} />
            ))}
        </>
    );
}

/** What to look for, of which kind and in which state. */
function Narrow({ wanted }: { wanted: Wanted }) {
    const { find, only, show, set } = wanted;
    const [typed, setTyped] = useState(find);
    useEffect(() => setTyped(find), [find]);
    useEffect(() => {
        if (typed === find) return;
        const timer = setTimeout(() => set({ find: typed }), PAUSE);
        return () => clearTimeout(timer);
    });
    return (
        <search className="rd-narrow" data-test="narrow">
            <TextInput
                type="search"
                value={typed}
                placeholder={_("Name, device, user, host …")}
                aria-label={_("Find")}
                onChange={(_event: unknown, value: string) => setTyped(value)}
                data-test="find"
            />
            <FormSelect
                value={show ?? ""}
                aria-label={_("Kind")}
                onChange={(_event: unknown, value: string) => set({ show: value })}
                data-test="show"
            >
                <FormSelectOption value="" label={_("All kinds")} />
                {listedKinds.map((kind) => (
                    <FormSelectOption key={kind} value={kind} label={kindName(kind)} />
                ))}
            </FormSelect>
            <FormSelect
                value={only ?? ""}
                aria-label={_("State")}
                onChange={(_event: unknown, value: string) => set({ only: value })}
                data-test="only"
            >
                <FormSelectOption value="" label={_("Any state")} />
                {conditions.map((condition) => (
                    <FormSelectOption key={condition} value={condition} label={conditionName(condition)} />
                ))}
            </FormSelect>
        </search>
    );
}

/** The table of a kind, or what stands in its place. */
function List<K extends ListedKind>({ kind, wanted }: { kind: K; wanted: Wanted }) {
    const all = useStore((state) => state[kind]) as ReadonlyMap<string, ObjectOf[K]>;
    const { find, only, set } = wanted;
    const objects = useMemo(() => narrowed(kind, all, find, only), [kind, all, find, only]);
    return (
        <Section
            title={kindName(kind)}
            test={`list-${kind}`}
            actions={
                <span className="rd-quiet" role="status" data-test={`count-${kind}`} data-count={objects.length}>
                    <span className="pf-v6-screen-reader">{kindName(kind)}: </span>
                    {objects.length === all.size
                        ? number(all.size)
                        : format(ngettext("$0 of $1", "$0 of $1", all.size), number(objects.length), number(all.size))}
                </span>
            }
        >
            {all.size === 0 ? (
                <p className="rd-quiet" data-test="nothing">
                    {nothingYet(kind)}
                </p>
            ) : objects.length === 0 ? (
                <Message
                    title={_("Nothing matches")}
                    icon="nothing"
                    test="no-match"
                    level="h3"
                    actions={
                        <Button variant="link" onClick={() => set({ find: "", only: "" })} data-test="clear">
                            {_("Clear filters")}
                        </Button>
                    }
                />
            ) : (
                <ObjectTable
                    kind={kind}
                    label={kindName(kind)}
                    columns={columns[kind]}
                    objects={objects}
                    view={`${only} ${find}`}
                    order={wanted.order(kind)}
                    setOrder={({ column, descending }) => set({ [kind]: `${descending ? "-" : ""}${column}` })}
                    menu={menus[kind] as (it: ObjectOf[K]) => preact.JSX.Element}
                />
            )}
        </Section>
    );
}

function narrowed<K extends ListedKind>(
    kind: K,
    all: ReadonlyMap<string, ObjectOf[K]>,
    find: string,
    only: Condition | undefined,
): ObjectOf[K][] {
    return [...all.values()].filter((it) => found(it, find) && (only === undefined || fits(kind, it, only)));
}
