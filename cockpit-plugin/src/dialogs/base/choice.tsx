// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Checkbox, FormGroup, FormSelect, FormSelectOption, Radio } from "@patternfly/react-core";
import { isolated } from "../../lib/bidi.js";
import { Below, useTouched, type About } from "./field.js";

/** One of several things to choose from. */
export interface Choice {
    readonly value: string;
    readonly label: string;
    /** One sentence about it. */
    readonly help?: string;
    /** Why it cannot be chosen; empty when it can. */
    readonly excuse?: string;
}

interface ChoiceProps extends About {
    readonly value: string;
    readonly choices: readonly Choice[];
    readonly onChange: (value: string) => void;
}

/** One of a few, each with a sentence. */
export function RadioField({ id, label, value, choices, onChange, help = "", problem = "" }: ChoiceProps) {
    const [shown] = useTouched();
    return (
        <FormGroup label={label} role="radiogroup" fieldId={`rd-${id}`} data-test={`field-${id}`}>
            {choices.map((choice) => (
                <Radio
                    key={choice.value}
                    id={`rd-${id}-${choice.value}`}
                    name={`rd-${id}`}
                    label={choice.label}
                    description={choice.excuse || choice.help}
                    isChecked={choice.value === value}
                    isDisabled={Boolean(choice.excuse)}
                    onChange={() => onChange(choice.value)}
                    data-test={`field-${id}-${choice.value}`}
                />
            ))}
            <Below id={id} help={help} problem={shown ? problem : ""} />
        </FormGroup>
    );
}

/** One of many, in a list that opens; those that cannot be chosen say why. */
export function SelectField({ id, label, value, choices, onChange, help = "", problem = "" }: ChoiceProps) {
    const [shown, touch] = useTouched();
    const wrong = shown ? problem : "";
    return (
        <FormGroup label={label} fieldId={`rd-${id}`}>
            <FormSelect
                id={`rd-${id}`}
                value={value}
                validated={wrong ? "error" : "default"}
                aria-describedby={wrong || help ? `rd-${id}-help` : undefined}
                onBlur={touch}
                onChange={(_event, next) => onChange(next)}
                data-test={`field-${id}`}
            >
                {choices.map((choice) => (
                    <FormSelectOption
                        key={choice.value}
                        value={choice.value}
                        isDisabled={Boolean(choice.excuse)}
                        label={choice.excuse ? `${isolated(choice.label)}: ${choice.excuse}` : choice.label}
                    />
                ))}
            </FormSelect>
            <Below id={id} help={help} problem={wrong} />
        </FormGroup>
    );
}

interface CheckProps extends About {
    readonly value: boolean;
    readonly onChange: (value: boolean) => void;
    readonly disabled?: boolean;
}

/** Yes or no. */
export function CheckField({ id, label, help, value, onChange, disabled = false, problem = "" }: CheckProps) {
    const [shown] = useTouched();
    return (
        <div>
            <Checkbox
                id={`rd-${id}`}
                label={label}
                description={help}
                isChecked={value}
                isDisabled={disabled}
                isValid={!(shown && problem)}
                aria-invalid={Boolean(shown && problem)}
                onChange={(_event, checked) => onChange(checked)}
                data-test={`field-${id}`}
            />
            <Below id={id} help="" problem={shown ? problem : ""} />
        </div>
    );
}

/** Several of some, each with a sentence. */
export function ChecksField(
    props: Omit<ChoiceProps, "value" | "onChange"> & { value: readonly string[]; onChange: (value: string[]) => void },
) {
    const { id, label, value, choices, onChange, help = "", problem = "" } = props;
    const [shown] = useTouched();
    return (
        <FormGroup label={label} role="group" fieldId={`rd-${id}`} data-test={`field-${id}`}>
            {choices.map((choice) => (
                <Checkbox
                    key={choice.value}
                    id={`rd-${id}-${choice.value}`}
                    label={choice.label}
                    description={choice.excuse || choice.help}
                    isDisabled={Boolean(choice.excuse)}
                    isChecked={value.includes(choice.value)}
                    onChange={(_event, checked) =>
                        onChange(checked ? [...value, choice.value] : value.filter((one) => one !== choice.value))
                    }
                    data-test={`field-${id}-${choice.value}`}
                />
            ))}
            <Below id={id} help={help} problem={shown ? problem : ""} />
        </FormGroup>
    );
}
