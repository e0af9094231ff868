// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { bytes, percent } from "../lib/bytes.js";
import { _, format } from "../lib/gettext.js";
import type { Manager } from "../state/objects.js";
import "./memory.css";

/** What RAM is used for, as a bar with its parts and the same in words. */
export function Memory({ manager }: { manager: Manager }) {
    const { MemoryTotal: total, MemoryAvailable: available, MemoryUsed: held, MemoryCommitted: committed } = manager;
    const others = Math.max(0, total - available - held);
    const share = (part: number): string => `${total > 0 ? Math.min(100, (part / total) * 100) : 0}%`;
    const promised = Math.max(0, committed - held);
    const short = promised > available;
    const parts = [
        { id: "held", look: "rd-part-held", name: _("Held by volumes"), amount: held },
        { id: "others", look: "rd-part-others", name: _("Other use"), amount: others },
        { id: "available", look: "rd-part-available", name: _("Available"), amount: available },
    ];
    return (
        <div className="rd-memory" data-test="memory">
            <svg
                className="rd-memory-bar"
                role="img"
                aria-label={format(
                    _(
                        "Memory: $0 in total, $1 held by volumes, $2 in other use, $3 available. Full volumes would hold $4.",
                    ),
                    bytes(total),
                    bytes(held),
                    bytes(others),
                    bytes(available),
                    bytes(committed),
                )}
            >
                <rect className="rd-part-available" width="100%" height="100%" />
                <rect className="rd-part-others" width={share(held + others)} height="100%" />
                <rect className="rd-part-held" width={share(held)} height="100%" />
                <line
                    className="rd-part-committed"
                    x1={share(held + others + promised)}
                    x2={share(held + others + promised)}
                    y1="0"
                    y2="100%"
                />
            </svg>
            <dl className="rd-parts">
                <div>
                    <dt>{_("Memory of this host")}</dt>
                    <dd data-test="memory-total">{bytes(total)}</dd>
                </div>
                {parts.map(({ id, look, name, amount }) => (
                    <div key={id}>
                        <dt>
                            <span className={`rd-swatch ${look}`} aria-hidden="true" />
                            {name}
                        </dt>
                        <dd data-test={`memory-${id}`}>
                            {bytes(amount)} <span className="rd-quiet">{percent(total > 0 ? amount / total : 0)}</span>
                        </dd>
                    </div>
                ))}
                <div>
                    <dt>
                        <span className="rd-swatch rd-part-committed" aria-hidden="true" />
                        {_("Committed: held when all volumes are full")}
                    </dt>
                    <dd data-test="memory-committed">{bytes(committed)}</dd>
                </div>
            </dl>
            {short && (
                <p className="rd-warning" data-test="memory-short">
                    {_("Full volumes would need more memory than is available now.")}
                </p>
            )}
        </div>
    );
}
