// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert, AlertActionLink } from "@patternfly/react-core";
import { _ } from "../../lib/gettext.js";
import type { Moved } from "./follow.js";

/** Says that somebody else made a change meanwhile, and asks for a second look; nothing is submitted before it was taken. */
export function SecondLook({ moved }: { moved: Moved | null }) {
    return (
        <div role="status">
            {moved && (
                <div data-test="dialog-moved">
                    <Alert
                        isInline
                        variant="warning"
                        component="h2"
                        title={_("Somebody else made a change meanwhile")}
                        actionLinks={
                            <>
                                <AlertActionLink onClick={moved.keep} data-test="moved-keep">
                                    {_("Go on with my choice")}
                                </AlertActionLink>
                                {moved.drop && (
                                    <AlertActionLink onClick={moved.drop} data-test="moved-drop">
                                        {_("Take what is there now")}
                                    </AlertActionLink>
                                )}
                            </>
                        }
                    >
                        <p>{moved.text}</p>
                    </Alert>
                </div>
            )}
        </div>
    );
}
