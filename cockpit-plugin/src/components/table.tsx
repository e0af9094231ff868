// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Table, Tbody, Th, Thead, Tr } from "@patternfly/react-table";
import type { ComponentChildren } from "preact";
import { memo, useMemo } from "react";
import { useChunks } from "../lib/chunks.js";
import { _ } from "../lib/gettext.js";
import { sorted, type ListedKind } from "../state/list.js";
import type { ObjectOf } from "../state/objects.js";
import "./table.css";

/** A column of a table of objects. */
export interface Column<T> {
    /** Short and stable, for addresses and tests. */
    readonly id: string;
    readonly title: () => string;
    /** What rows are sorted by. */
    readonly by: (it: T) => string | number;
    readonly cell: (it: T) => ComponentChildren;
    /** Whether it is a number or a size, to be compared from row to row. */
    readonly numeric?: true;
}

/** The columns of a table; it is sorted by the first where nothing else is said. */
export type Columns<T> = readonly [Column<T>, ...Column<T>[]];

/** A column, and whether the greatest comes first. */
export interface SortOrder {
    readonly column: string;
    readonly descending: boolean;
}

/** Columns that a screen of middle width has room for; more make a card of each row there, too. */
const FEW = 6;

interface Props<K extends ListedKind> {
    kind: K;
    label: string;
    columns: Columns<ObjectOf[K]>;
    objects: readonly ObjectOf[K][];
    order: SortOrder;
    setOrder: (order: SortOrder) => void;
    /** What the objects were narrowed to. */
    view: string;
    /** The last cell of a row. Must be the same function from one drawing to the next. */
    menu: (it: ObjectOf[K]) => ComponentChildren;
}

/** Objects of a kind, sorted by a click on the head of a column; on a narrow screen each is a card. */
export function ObjectTable<K extends ListedKind>({
    kind,
    label,
    columns,
    objects,
    order,
    setOrder,
    view,
    menu,
}: Props<K>) {
    const column = columns.find(({ id }) => id === order.column) ?? columns[0];
    const rows = useMemo(
        () => sorted(kind, objects, column.by, order.descending),
        [kind, objects, column, order.descending],
    );
    const drawn = useChunks(rows.length, `${view} ${column.id} ${order.descending}`);
    const sortBy = {
        index: columns.indexOf(column),
        direction: order.descending ? ("desc" as const) : ("asc" as const),
    };
    return (
        <Table
            aria-label={label}
            variant="compact"
            role="table"
            gridBreakPoint={columns.length > FEW ? "grid-lg" : "grid-md"}
            aria-rowcount={rows.length + 1}
            data-test={`table-${kind}`}
        >
            <Thead>
                <Tr>
                    {columns.map(({ id, title, numeric }, columnIndex) => (
                        <Th
                            key={id}
                            data-test={`sort-${id}`}
                            {...(numeric && { className: "rd-numeric" })}
                            modifier="wrap"
                            sort={{
                                sortBy,
                                columnIndex,
                                onSort: (_event: unknown, _index: number, direction: "asc" | "desc") =>
                                    setOrder({ column: id, descending: direction === "desc" }),
                            }}
                        >
                            {title()}
                        </Th>
                    ))}
                    <Th screenReaderText={_("Actions")} />
                </Tr>
            </Thead>
            <Tbody>
                {rows.slice(0, drawn).map((it) => (
                    <Row key={it.path} columns={columns as readonly Column<never>[]} it={it} menu={menu as never} />
                ))}
            </Tbody>
        </Table>
    );
}

interface RowProps {
    columns: readonly Column<never>[];
    it: { readonly path: string };
    menu: (it: unknown) => ComponentChildren;
}

/**
 * A row. It is drawn again only when its object is another one; its cells are plain markup, because PatternFly's cells are
 * ready for what these tables have not, and there are thousands.
 */
const Row = memo(function Row({ columns, it, menu }: RowProps) {
    return (
        <tr className="pf-v6-c-table__tr" role="row" data-row={it.path}>
            {columns.map(({ id, title, cell, numeric }) => (
                <td
                    key={id}
                    className={numeric ? "pf-v6-c-table__td rd-numeric" : "pf-v6-c-table__td"}
                    role="cell"
                    data-label={title()}
                    data-test={id}
                >
                    {cell(it as never)}
                </td>
            ))}
            <td className="pf-v6-c-table__td pf-v6-c-table__action" role="cell">
                {menu(it)}
            </td>
        </tr>
    );
});
