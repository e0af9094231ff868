// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { moduleActions } from "../actions/index.js";
import { ActionButtons } from "../components/buttons.js";
import { Section } from "../components/section.js";
import { Terms } from "../components/terms.js";
import { _ } from "../lib/gettext.js";
import { missingModules } from "../state/modules.js";
import { useStore } from "../state/use.js";

/** The service itself: its version, and the kernel modules that it has to work with. */
export function Service() {
    const state = useStore((all) => all);
    const { manager } = state;
    if (manager === null) return null;
    const missing = missingModules(manager);
    const loaded = Object.keys(manager.Modules).filter((name) => !missing.includes(name));
    return (
        <Section title={_("Service")} test="service">
            <Terms
                terms={[
                    { term: _("Version"), test: "version", value: manager.Version },
                    { term: _("Kernel modules"), test: "loaded", value: loaded.join(", ") },
                    ...(missing.length === 0
                        ? []
                        : [{ term: _("Modules not loaded"), test: "not-loaded", value: missing.join(", ") }]),
                ]}
            />
            <ActionButtons actions={moduleActions(state)} label={_("Kernel modules")} />
        </Section>
    );
}
