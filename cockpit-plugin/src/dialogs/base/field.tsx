// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextArea, TextInput } from "@patternfly/react-core";
import { createContext } from "preact";
import { useContext, useState } from "react";

/**
 * Whose mistakes are shown. touched: of fields that the person left. all: the person has tried to submit. none: the change is
 * being made; what it takes is in use by then, which is no mistake.
 */
export const Mistakes = createContext<"touched" | "all" | "none">("touched");

/** What a field is called, and what is said about it. */
export interface About {
    /** Short and stable, for tests and labels, for example "size". */
    readonly id: string;
    readonly label: string;
    readonly help?: string;
    /** What is wrong with what it holds; empty when nothing is. Shown once it was touched. */
    readonly problem?: string;
}

/** The line below a field: what is wrong, or what to know. */
export function Below({ id, help, problem }: { id: string; help: string; problem: string }) {
    const text = problem || help;
    if (text === "") return null;
    return (
        <FormHelperText>
            <HelperText id={`rd-${id}-help`} isLiveRegion>
                <HelperTextItem
                    variant={problem ? "error" : "default"}
                    data-test={problem ? `problem-${id}` : undefined}
                >
                    {text}
                </HelperTextItem>
            </HelperText>
        </FormHelperText>
    );
}

/** Whether mistakes are shown, and what to call when a field is left or changed. */
export function useTouched(): [boolean, () => void] {
    const [touched, setTouched] = useState(false);
    const shown = useContext(Mistakes);
    return [shown === "all" || (shown === "touched" && touched), () => setTouched(true)];
}

interface TextProps extends About {
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly placeholder?: string;
    /** Several lines. */
    readonly rows?: number;
    readonly required?: boolean;
    /** Not shown while it is typed. */
    readonly secret?: boolean;
}

/** A text, in one line or in several. */
export function TextField(props: TextProps) {
    const { id, label, help = "", value, onChange, placeholder, rows, required = false, secret = false } = props;
    const [shown, touch] = useTouched();
    const problem = shown ? (props.problem ?? "") : "";
    const common = {
        id: `rd-${id}`,
        value,
        validated: problem ? ("error" as const) : ("default" as const),
        "aria-describedby": problem || help ? `rd-${id}-help` : undefined,
        "data-test": `field-${id}`,
        dir: "auto" as const,
        spellCheck: false,
        autoComplete: "off",
        isRequired: required,
        onBlur: () => value !== "" && touch(),
        onChange: (_event: unknown, text: string) => onChange(text),
        ...(placeholder !== undefined && { placeholder }),
    };
    return (
        <FormGroup label={label} fieldId={`rd-${id}`} isRequired={required}>
            {rows === undefined ? (
                <TextInput {...common} type={secret ? "password" : "text"} />
            ) : (
                <TextArea {...common} rows={rows} resizeOrientation="vertical" />
            )}
            <Below id={id} help={help} problem={problem} />
        </FormGroup>
    );
}
