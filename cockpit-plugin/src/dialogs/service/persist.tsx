// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds } from "../../state/objects.js";
import { useStore } from "../../state/use.js";
import { FormDialog } from "../base/form.js";

interface PersistProps {
    readonly kind: "volumes" | "caches" | "ports" | "exports";
    readonly path: string;
    /** What the command and people call it. */
    readonly name: string;
    /** Whether it is saved now. */
    readonly saved: boolean;
    readonly close: () => void;
}

const words = { volumes: "volume", caches: "cache", ports: "port", exports: "export" } as const;

/** What it means that an object of a kind is saved. */
function meaning(kind: PersistProps["kind"]): string {
    switch (kind) {
        case "volumes":
            return _(
                "It is made again at each boot, empty: RAM keeps nothing over a reboot. A boot never fails for its sake.",
            );
        case "caches":
            return _(
                "It is put in front of its origin again at each boot, with its volume, which is saved with it and is created again empty. A boot never fails for its sake.",
            );
        case "ports":
            return _("It is made again at each boot, once the network is up, whatever exports are on it.");
        case "exports":
            return _(
                "It is made again at each boot, with the ports that it is on, once the network is up. Its volume or cache must be saved on its own.",
            );
    }
}

/** Saves an object for each boot, or no more. */
export function Persist({ kind, path, name, saved, close }: PersistProps) {
    const now = useStore((state) => state[kind].get(path)?.Persistent) ?? saved;
    const title = saved
        ? format(_("Do not make $0 again at boot"), name)
        : format(_("Make $0 again at each boot"), name);
    return (
        <FormDialog
            id="persist"
            title={title}
            action={saved ? _("Do not save") : _("Save")}
            subject={path}
            done={now !== saved}
            changes={[saved ? _("It stays until the host goes down, and is not restored at boot.") : meaning(kind)]}
            command={["rapiddisk", words[kind], "persist", name, ...(saved ? ["--off"] : [])]}
            close={close}
            run={() => call(path, kinds[kind], "SetPersistent", !saved, options())}
        />
    );
}
