// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button } from "@patternfly/react-core";
import { useId } from "react";
import type { Action } from "../actions/action.js";
import { useDialog } from "../dialogs/host.js";

interface Props {
    actions: readonly Action[];
    /** What the buttons are together. */
    label: string;
    /** Whether the first one is what people most often come for. */
    primary?: boolean;
}

/** What can be done as buttons, with the reasons why some cannot be done now below them. */
export function ActionButtons({ actions, label, primary = false }: Props) {
    const show = useDialog();
    const id = useId();
    const excuses = [...new Set(actions.map(({ excuse }) => excuse).filter(Boolean))];
    if (actions.length === 0) return null;
    return (
        <div className="rd-actions">
            <div className="rd-buttons" role="group" aria-label={label}>
                {actions.map((action, index) => (
                    <Button
                        key={action.id}
                        variant={index === 0 && primary && !action.danger ? "primary" : "secondary"}
                        isDanger={action.danger === true}
                        isAriaDisabled={action.excuse !== ""}
                        aria-describedby={action.excuse === "" ? undefined : `${id}-${excuses.indexOf(action.excuse)}`}
                        onClick={() => action.excuse === "" && show(action.dialog)}
                        data-test={action.id}
                    >
                        {action.title}
                    </Button>
                ))}
            </div>
            {excuses.map((excuse, index) => (
                <p key={excuse} id={`${id}-${index}`} className="rd-quiet" data-test="excuse">
                    {excuse}
                </p>
            ))}
        </div>
    );
}
