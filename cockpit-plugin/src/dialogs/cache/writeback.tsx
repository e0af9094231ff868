// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert } from "@patternfly/react-core";
import { _, format } from "../../lib/gettext.js";
import { CheckField } from "../base/choice.js";

interface WarningProps {
    readonly source: string;
    readonly accepted: boolean;
    readonly setAccepted: (accepted: boolean) => void;
    readonly problem: string;
}

/** What writing back means, plainly, and the confirmation that it was understood. */
export function WriteBackWarning({ source, accepted, setAccepted, problem }: WarningProps) {
    return (
        <div className="rd-together" data-test="writeback-warning">
            <Alert isInline variant="warning" component="h2" title={_("A power failure or a crash loses data")}>
                <p>
                    {format(
                        _(
                            "What was written last is only in RAM. When the host goes down without flushing, $0 is left without it, and a filesystem there can be damaged.",
                        ),
                        source,
                    )}
                </p>
            </Alert>
            <CheckField
                id="accepted"
                label={_("I accept that the newest writes can be lost")}
                value={accepted}
                onChange={setAccepted}
                problem={problem}
            />
        </div>
    );
}
