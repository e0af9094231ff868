// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Cache } from "../../state/objects.js";
import { useCurrent, useStore } from "../../state/use.js";
import { Failure } from "../base/failure.js";
import { FormDialog } from "../base/form.js";
import { useDevices } from "./resources.js";

/** Takes up what the origin or the volume of a cache has grown by. */
export function ResizeCache({ cache, close }: { cache: Cache; close: () => void }) {
    const now = useCurrent("caches", cache);
    const volume = useStore((state) => state.volumes.get(now.Volume));
    const devices = useDevices();
    const origin = devices.list?.find(({ path }) => path === now.Source);
    const size = origin?.size ?? now.Size;
    const store = Math.max(volume?.Size ?? 0, now.CacheSize);
    const wrong =
        origin === undefined
            ? devices.list === null
                ? _("The size of the origin is being read.")
                : format(_("$0 is not there."), now.Source)
            : size < now.Size
              ? format(
                    _("$0 shrank to $1, less than the $2 of the cache, which cannot shrink in use."),
                    now.Source,
                    bytes(size),
                    bytes(now.Size),
                )
              : size - (size % 512) === now.Size && store === now.CacheSize
                ? _("Neither the origin nor the volume has grown.")
                : "";
    const changes = [
        size > now.Size
            ? format(_("The device grows from $0 to $1. What uses it goes on."), bytes(now.Size), bytes(size))
            : "",
        size > now.Size ? _("A filesystem on it keeps its size until it is grown as well.") : "",
        store > now.CacheSize
            ? format(_("The RAM for cached blocks grows from $0 to $1."), bytes(now.CacheSize), bytes(store))
            : "",
        _("What is cached is dropped, and is read from the origin again. No data is lost: the origin has all of it."),
    ].filter(Boolean);
    return (
        <FormDialog
            id="resize-cache"
            title={format(_("Resize $0"), now.Name)}
            action={_("Resize")}
            subject={cache.path}
            changes={wrong ? [] : changes}
            command={wrong ? null : ["rapiddisk", "cache", "resize", now.Name]}
            problems={[wrong]}
            close={close}
            run={() => call(cache.path, kinds.caches, "Resize", options())}
        >
            <Failure failure={devices.failure} />
            {wrong !== "" && <p data-test="nothing-to-resize">{wrong}</p>}
        </FormDialog>
    );
}
