// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Classes of PatternFly for what Cockpit's shell and the system say of the look. */
function apply(style: string): void {
    const dark = style === "dark" || (style === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    const root = document.documentElement.classList;
    root.toggle("pf-v6-theme-dark", dark);
    root.toggle("pf-v6-theme-high-contrast", matchMedia("(prefers-contrast: more)").matches);
}

/** Follows the shell's choice (auto, light, dark), the system's, and the wish for more contrast, from now on. */
export function followTheme(): void {
    const stored = () => localStorage.getItem("shell:style") ?? "auto";
    apply(stored());
    addEventListener("storage", (event) => {
        if (event.key === "shell:style") apply(stored());
    });
    addEventListener("cockpit-style", (event) => {
        apply((event as CustomEvent<{ style?: string }>).detail.style ?? stored());
    });
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
        matchMedia(query).addEventListener("change", () => apply(stored()));
    }
}
