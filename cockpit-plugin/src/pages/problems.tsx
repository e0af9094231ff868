// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert } from "@patternfly/react-core";
import { savedActions } from "../actions/index.js";
import { ActionButtons } from "../components/buttons.js";
import { Said } from "../components/said.js";
import { _ } from "../lib/gettext.js";
import { textOf, told, type Detail } from "../state/details.js";
import { lackingModules } from "../state/modules.js";
import { useStore } from "../state/use.js";
import { problemWords } from "./words.js";

/** What a person should know before anything else: limited access, missing modules, saved objects that are not there. */
export function Problems() {
    const state = useStore((all) => all);
    const { access, manager } = state;
    const missing = lackingModules(manager);
    const problems = told(manager?.ProblemDetails, manager?.Problems ?? []);
    return (
        <>
            {access === "limited" && (
                <Alert
                    variant="info"
                    isInline
                    component="h2"
                    title={_("Limited access: nothing can be changed")}
                    data-test="limited"
                >
                    {_("Turn on administrative access in the header of the console to make changes.")}
                </Alert>
            )}
            {missing.length > 0 && (
                <Alert
                    variant="warning"
                    isInline
                    component="h2"
                    title={_("Kernel modules are missing")}
                    data-test="modules"
                >
                    <p>{_("Without them, some of what this page offers does not work:")}</p>
                    <ul className="rd-lines">
                        {missing.map((name) => (
                            <li key={name} data-module={name}>
                                {name}
                            </li>
                        ))}
                    </ul>
                    <p>{_("Install the package that has them; they are loaded when they are needed.")}</p>
                </Alert>
            )}
            {problems.length > 0 && (
                <Alert
                    variant="danger"
                    isInline
                    component="h2"
                    title={_("Something needs attention")}
                    data-test="problems"
                >
                    <ul className="rd-lines">
                        {problems.map((problem) => (
                            <li key={problem.text} data-problem={problem.kind}>
                                <Problem problem={problem} />
                            </li>
                        ))}
                    </ul>
                    <ActionButtons actions={savedActions(state)} label={_("Saved objects")} />
                </Alert>
            )}
        </>
    );
}

/** What is wrong, in the reader's language; what the service and the kernel worded is English. */
function Problem({ problem }: { problem: Detail }) {
    const words = problemWords(problem);
    if (words === null) return <Said text={problem.text} />;
    const reason = textOf(problem.values, "reason");
    return (
        <>
            {words} {reason !== "" && <Said text={reason} />}
        </>
    );
}
