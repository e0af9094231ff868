// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _, format } from "../../lib/gettext.js";
import type { Choice } from "../base/choice.js";

/** Lists transports to choose from, with what they are and why they are not there. @param features what the host can do now */
export function transports(features: readonly string[]): Choice[] {
    const excuse = (name: string, module: string) =>
        features.includes(`nvme-${name}`)
            ? ""
            : format(
                  _("This host cannot do that now: the kernel module $0, or the hardware for it, is missing."),
                  module,
              );
    return [
        { value: "tcp", label: "TCP", help: _("Over any network."), excuse: excuse("tcp", "nvmet_tcp") },
        {
            value: "rdma",
            label: "RDMA",
            help: _("Over InfiniBand, RoCE or iWARP."),
            excuse: excuse("rdma", "nvmet_rdma"),
        },
        {
            value: "loop",
            label: _("Loop"),
            help: _("Only for this very host, to try things out."),
            excuse: excuse("loop", "nvme_loop"),
        },
    ];
}
