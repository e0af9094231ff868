// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button } from "@patternfly/react-core";
import { Message } from "../components/states.js";
import { go, useLocation } from "../lib/address.js";
import { _, format } from "../lib/gettext.js";
import { href } from "../lib/hash.js";

/** Says that an address leads nowhere, and the way to what there is. */
export function Nowhere() {
    const { path } = useLocation();
    return (
        <Message
            title={format(_("$0 leads nowhere"), href(path))}
            icon="nothing"
            test="nowhere"
            level="h2"
            actions={
                <Button onClick={() => go([])} data-test="back">
                    {_("To the overview")}
                </Button>
            }
        >
            <p>{_("The address may have been mistyped, or be of another version of this page.")}</p>
        </Message>
    );
}
