// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { usePolledState } from "../../state/polledstate.js";
import { kinds, type Volume } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { FormDialog } from "../base/form.js";

/** Drops the contents of a volume; refused while anything uses it. */
export function EraseVolume({ volume, close }: { volume: Volume; close: () => void }) {
    usePolledState();
    const now = useCurrent("volumes", volume);
    const { Name: name, Users: users, Used: used } = now;
    const title = format(_("Erase $0"), name);
    return (
        <FormDialog
            id="erase"
            title={title}
            action={_("Erase")}
            danger
            subject={volume.path}
            inUse={{
                reason: _("A volume that is in use is not erased. Stop what uses it first."),
                name,
                users,
            }}
            changes={[
                _("All that it holds is lost; afterwards it reads as zeros."),
                now.Populated
                    ? format(_("It keeps its $0 of memory, as all of it was allocated when it was made."), bytes(used))
                    : format(_("$0 of memory are given back. Its size stays the same."), bytes(used)),
            ]}
            command={["rapiddisk", "volume", "erase", name]}
            close={close}
            run={() => call(volume.path, kinds.volumes, "Erase", options())}
        />
    );
}
