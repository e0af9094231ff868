// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Menu, MenuContent, MenuItem, MenuList } from "@patternfly/react-core";
import EllipsisVIcon from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Action } from "../actions/action.js";
import { useDialog } from "../dialogs/host.js";
import type { State } from "../state/objects.js";
import { useStore } from "../state/use.js";

interface Props {
    /** What the button is called for those who do not see the dots. */
    label: string;
    /** What can be done, looked at while the menu is open. */
    actions: (state: State) => readonly Action[];
}

/** A button with three dots. Its menu exists only while it is open: hundreds of rows have one. */
export function ActionMenu({ label, actions }: Props) {
    const [open, setOpen] = useState(false);
    const toggle = useRef<HTMLButtonElement>(null);
    const close = (): void => {
        setOpen(false);
        toggle.current?.focus();
    };
    return (
        <div className="rd-menu">
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
            {open && <OpenMenu label={label} actions={actions} close={close} leave={() => setOpen(false)} />}
        </div>
    );
}

/** The menu. @param close closes it and goes back to its button; leave: closes it, the focus being elsewhere already */
function OpenMenu({ label, actions, close, leave }: Props & { close: () => void; leave: () => void }) {
    const state = useStore((all) => all);
    const show = useDialog();
    const menu = useRef<HTMLDivElement>(null);
    const [up, setUp] = useState(false);
    const items = actions(state);

    useLayoutEffect(() => {
        const { bottom, height, top } = menu.current?.getBoundingClientRect() ?? { bottom: 0, height: 0, top: 0 };
        setUp(bottom > window.innerHeight && top > height);
        menu.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    }, []);
    useEffect(() => {
        const outside = (event: Event): void => {
            if (!menu.current?.parentElement?.contains(event.target as Element)) leave();
        };
        document.addEventListener("pointerdown", outside);
        document.addEventListener("focusin", outside);
        return () => {
            document.removeEventListener("pointerdown", outside);
            document.removeEventListener("focusin", outside);
        };
    }, [leave]);

    const choose = (id: string | number | undefined): void => {
        const action = items.find((item) => item.id === id);
        if (!action || action.excuse !== "") return;
        close();
        show(action.dialog);
    };
    return (
        <div
            ref={menu}
            className={up ? "rd-menu-open rd-menu-up" : "rd-menu-open"}
            onKeyDown={(event) => {
                if (event.key !== "Escape") return;
                event.stopPropagation();
                close();
            }}
        >
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
        </div>
    );
}
