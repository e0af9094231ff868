// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import "@patternfly/patternfly/patternfly-base.css";
import "./index.css";
import cockpit from "cockpit";
import { render } from "react";
import { whenServiceAppears } from "./bus/lookout.js";
import { speak } from "./lib/bytes.js";
import { followTheme } from "./lib/theme.js";
import { App } from "./pages/app.js";
import { followAccess } from "./state/access.js";
import { store } from "./state/store.js";

followTheme();
cockpit.transport.wait(() => {
    speak(cockpit.language, cockpit.language_direction);
    followAccess(store);
    store.connect();
    whenServiceAppears(() => {
        if (["missing", "failed"].includes(store.state.phase)) store.connect();
    });
    const place = document.getElementById("app");
    if (place) render(<App />, place);
});
