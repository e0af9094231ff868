// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { FormGroup, FormSelect, FormSelectOption, TextInput } from "@patternfly/react-core";
import { useEffect } from "react";
import { bytes, number, numberMarks } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import {
    countsInThousands,
    formatSize,
    parseSize,
    sizeUnits,
    typedUnit,
    wholeSectors,
    type Bounds,
    type SizeUnit,
    type Typed,
} from "../../lib/size.js";
import { Below, useTouched } from "./field.js";

/** A size as it was typed. */
export interface SizeText {
    readonly text: string;
    readonly unit: SizeUnit;
}

/** Reads a typed size as the language of the page writes numbers. @param bounds in bytes */
export function readSize({ text, unit }: SizeText, bounds: Bounds): Typed {
    return parseSize(text, unit, bounds, numberMarks());
}

/** Writes a size as the text of the field. @param size in bytes */
export function sizeText(size: number, unit: SizeUnit): SizeText {
    return { text: formatSize(size, unit, numberMarks().decimal), unit };
}

/** What is wrong with a typed size, in words; empty when nothing is. @param full what to say of a size beyond the largest */
export function sizeProblem(typed: Typed, full: string): string {
    switch (typed.problem) {
        case "":
            return "";
        case "empty":
            return _("Type a size, for example 512 MiB.");
        case "number":
            return format(
                _("This is not a number. Type digits, for example $0, and choose the unit beside it."),
                number(1.5, 1),
            );
        case "mark":
            return format(
                _(
                    "This can be read in two ways. Write $0 for a thousand and a half, or leave out the marks between thousands.",
                ),
                number(1000.5, 1),
            );
        case "multiple":
            return format(_("A size in bytes is a multiple of 512; the next larger is $0."), number(typed.near));
        case "small":
            return format(_("The smallest size is $0."), bytes(typed.near));
        case "large":
            return full;
    }
}

interface SizeProps {
    readonly value: SizeText;
    readonly onChange: (value: SizeText) => void;
    readonly bounds: Bounds;
    readonly problem: string;
    readonly help: string;
}

const STEPS = 200;

/** A size by text, unit and slider. What was typed stays as it was typed. */
export function SizeField({ value, onChange, bounds, problem, help }: SizeProps) {
    const [shown, touch] = useTouched();
    const { text, unit } = value;
    const { min, max } = bounds;
    const typed = readSize(value, bounds);
    const wrong = shown || typed.problem === "large" ? problem : "";
    const own = typedUnit(text);
    useEffect(() => {
        if (own !== null && own !== unit) onChange({ text, unit: own });
    }, [own]);
    const top = max ?? 0;
    const position = Math.round(
        ((Math.min(typed.bytes ?? nearest(typed), top) - min) / Math.max(1, top - min)) * STEPS,
    );
    const slide = (step: number) => {
        const size = step >= STEPS ? top : Math.max(min, roughly(min + ((top - min) * step) / STEPS));
        onChange(sizeText(size, unit));
    };
    return (
        <FormGroup label={_("Size")} fieldId="rd-size" isRequired>
            <div className="rd-size">
                <TextInput
                    id="rd-size"
                    isRequired
                    value={text}
                    inputMode="decimal"
                    autoComplete="off"
                    validated={wrong ? "error" : "default"}
                    aria-describedby="rd-size-help"
                    onChange={(_event, next) => onChange({ text: next, unit })}
                    onBlur={touch}
                    data-test="field-size"
                />
                <FormSelect
                    value={unit}
                    aria-label={_("Unit of the size")}
                    onChange={(_event, next) =>
                        onChange({ text: text.replace(/\s*[kmgtib]+\s*$/i, ""), unit: next as SizeUnit })
                    }
                    data-test="field-size-unit"
                >
                    {sizeUnits.map((one) => (
                        <FormSelectOption key={one} value={one} label={one} />
                    ))}
                </FormSelect>
                <input
                    type="range"
                    min={0}
                    max={STEPS}
                    value={position}
                    disabled={top <= min}
                    aria-label={_("Size as a slider")}
                    aria-valuetext={typed.bytes === null ? "" : bytes(typed.bytes)}
                    onInput={(event) => slide(Number(event.currentTarget.value))}
                    data-largest={top}
                    data-test="field-size-slider"
                />
            </div>
            <Below
                id="size"
                help={
                    typed.bytes !== null && countsInThousands(text)
                        ? `${format(_("MB, GB and TB count in 1000s: this is $0."), bytes(typed.bytes))} ${help}`
                        : help
                }
                problem={wrong}
            />
        </FormGroup>
    );
}

const nearest = (typed: Typed): number => (typed.bytes === null ? typed.near : typed.bytes);

/** A size of two or three digits that count, so that the slider stops at sizes that people would choose. */
function roughly(size: number): number {
    const step = 2 ** Math.max(9, Math.floor(Math.log2(Math.max(size, 1))) - 6);
    return wholeSectors(Math.round(size / step) * step);
}
