// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Menu, MenuContent, MenuItem, MenuList } from "@patternfly/react-core";
import EllipsisVIcon from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { Action } from "../actions/action.js";
import { useDialog } from "../dialogs/host.js";
import { placeMenu } from "../lib/place.js";
import type { State } from "../state/objects.js";
import { useStore } from "../state/use.js";

interface Props {
    /** What the button is called for those who do not see the dots. */
    label: string;
    /** What can be done, looked at while the menu is open. */
    actions: (state: State) => readonly Action[];
}

const ITEM = "[role=menuitem]";

/** A button with three dots. Its menu exists only while it is open: hundreds of rows have one. */
export function ActionMenu({ label, actions }: Props) {
    const [open, setOpen] = useState(false);
    const toggle = useRef<HTMLButtonElement>(null);
    const close = (): void => {
        setOpen(false);
        toggle.current?.focus();
    };
    return (
        <>
            <button
                type="button"
                ref={toggle}
                className="pf-v6-c-menu-toggle pf-m-plain"
                aria-label={label}
                aria-haspopup="menu"
                aria-expanded={open}
                data-test="actions"
                onClick={() => setOpen(!open)}
            >
                <span className="pf-v6-c-menu-toggle__icon">
                    <EllipsisVIcon />
                </span>
            </button>
            {open && toggle.current && (
                <OpenMenu
                    label={label}
                    actions={actions}
                    toggle={toggle.current}
                    close={close}
                    leave={() => setOpen(false)}
                />
            )}
        </>
    );
}

interface OpenProps extends Props {
    /** The button that opened it. */
    toggle: HTMLElement;
    /** Closes it and goes back to its button. */
    close: () => void;
    /** Closes it, the focus being elsewhere already. */
    leave: () => void;
}

/** The menu. It is a child of the body, as in Cockpit's own pages, because the cards around its button cut off what overflows. */
function OpenMenu({ label, actions, toggle, close, leave }: OpenProps) {
    const state = useStore((all) => all);
    const show = useDialog();
    const menu = useRef<HTMLDivElement>(null);
    const items = actions(state);
    usePlaced(menu, toggle, items.map(({ title, excuse }) => title + excuse).join());

    useLayoutEffect(() => menu.current?.querySelector<HTMLElement>(ITEM)?.focus({ preventScroll: true }), []);
    useEffect(() => {
        const outside = ({ target }: Event): void => {
            const inside = [menu.current, toggle].some((one) => one?.contains(target as Element) === true);
            if (!inside) leave();
        };
        document.addEventListener("pointerdown", outside);
        document.addEventListener("focusin", outside);
        return () => {
            document.removeEventListener("pointerdown", outside);
            document.removeEventListener("focusin", outside);
        };
    }, [leave, toggle]);

    const choose = (id: string | number | undefined): void => {
        const action = items.find((item) => item.id === id);
        if (!action || action.excuse !== "") return;
        close();
        show(action.dialog);
    };
    const press = (event: KeyboardEvent): void => {
        const all = [...(menu.current?.querySelectorAll<HTMLElement>(ITEM) ?? [])];
        switch (event.key) {
            case "Escape":
                event.stopPropagation();
                close();
                break;
            case "Tab":
                // From its button the browser goes on to what comes next on the page.
                close();
                break;
            case "Home":
            case "End":
                event.preventDefault();
                all.at(event.key === "Home" ? 0 : -1)?.focus();
                break;
        }
    };
    return createPortal(
        <div ref={menu} className="rd-menu-open" onKeyDown={press}>
            <Menu onSelect={(_event: unknown, id: string | number | undefined) => choose(id)}>
                <MenuContent>
                    <MenuList aria-label={label}>
                        {items.map(({ id, title, danger, excuse }) => (
                            <MenuItem
                                key={id}
                                itemId={id}
                                isDanger={danger === true}
                                isAriaDisabled={excuse !== ""}
                                description={excuse}
                                data-test={id}
                            >
                                {title}
                            </MenuItem>
                        ))}
                    </MenuList>
                </MenuContent>
            </Menu>
        </div>,
        document.body,
    );
}

/** Keeps a menu at its button while the page scrolls or changes its size. @param content what its size hangs on */
function usePlaced(menu: RefObject<HTMLDivElement | null>, toggle: HTMLElement, content: string): void {
    useLayoutEffect(() => {
        const place = (): void => {
            const it = menu.current;
            if (it === null) return;
            it.style.maxBlockSize = "";
            const window = {
                width: document.documentElement.clientWidth,
                height: document.documentElement.clientHeight,
            };
            const size = { width: it.offsetWidth, height: it.offsetHeight };
            const spot = placeMenu(
                toggle.getBoundingClientRect(),
                size,
                window,
                document.documentElement.dir === "rtl",
            );
            it.style.left = `${spot.left}px`;
            it.style.top = `${spot.top}px`;
            it.style.maxBlockSize = `${spot.height}px`;
        };
        const scrolled = (event: Event): void => {
            if (event.target instanceof Node && menu.current?.contains(event.target) !== true) place();
        };
        place();
        addEventListener("resize", place);
        addEventListener("scroll", scrolled, true);
        return () => {
            removeEventListener("resize", place);
            removeEventListener("scroll", scrolled, true);
        };
    }, [menu, toggle, content]);
}
