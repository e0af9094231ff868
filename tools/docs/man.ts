// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Command, Option } from "../../service/src/cli/commands/command.js";
import { COMMON_OPTIONS, GROUP_DEFAULT, GROUPS } from "../../service/src/cli/commands/index.js";

/** Sections that no table holds, in the order in which they follow the commands. */
const PROSE = `.SH SIZES
A size is a number, with a decimal fraction if need be, and a unit:
.BR B ", " K ", " M ", " G ", " T ", " P
or
.BR KiB " ... " PiB
for powers of 1024,
.BR KB " ... " PB
for powers of 1000. The unit is required: earlier versions took a bare number as MiB. Case does not matter. The size of a
volume is rounded up to a multiple of 512 bytes, which is said; in JSON
.B size
has the bytes that it came to.
.SH OUTPUT
Tables are for people: on a terminal they are cut to its width, elsewhere they are whole. With
.B \\-\\-json
there is JSON and nothing else on standard output, sizes in bytes; an error is a JSON object on standard error.
.SH PASSWORDS
Reading needs no permission, but for
.BR "token list" .
That and every change are authorized by polkit. When somebody has to be asked and standard input is a terminal,
.BR pkttyagent (1)
is started there. Root is never asked, and needs no polkit.
.SH NOTATION OF EARLIER VERSIONS
A command line that begins with a short option, or has no words at all, is read as rapiddisk 7 to 9 did, with the same
texts, JSON and exit statuses; also the text of a failure is on standard output. It needs root. The last option that does
something wins;
.BR \\-h " and " \\-v
end the line.
.TP
.BI \\-a " SIZE"
Attach a RAM disk. A bare number is MiB; units are B, KB, KiB, MB, MiB, GB, GiB.
.TP
.BI \\-d " RDISK"
Detach a RAM disk.
.TP
.BI \\-r " RDISK " \\-c " SIZE"
Resize a RAM disk.
.TP
.BI \\-f " RDISK"
Erase a RAM disk.
.TP
.BI \\-L " RDISK\\fR, " \\-U " RDISK"
Lock (make read-only) or unlock a RAM disk.
.TP
.BI \\-m " RDISK " \\-b " DEVICE \\fR[" \\-p " POLICY\\fR]"
Map a RAM disk as a cache in front of a device, given by its path; the policy is
.BR wt " (write-through, the default), " wa " (write-around) or " wb " (write-back)."
.TP
.BI \\-u " MAPPING"
Remove a mapping.
.TP
.BI \\-s " MAPPING"
Print the statistics of a mapping: numbers without labels, in the order of the JSON.
.TP
.BR \\-l ", " \\-q
List RAM disks and mappings; list memory and block devices.
.TP
.BI \\-i " INTERFACE " \\-P " PORT \\fR[" \\-t " TYPE\\fR]"
Create the NVMe port of that number (1 to 65535; not a TCP port, which is 4420) on the IPv4 address of a network interface. The type is
.BR tcp " (the default), " rdma " or " loop ;
for
.B loop
the interface counts for nothing and is
.B NULL
by custom.
.TP
.BI \\-X " \\-P " PORT
Delete an NVMe port that nothing is exported through.
.TP
.BI \\-e " \\-b " NAME " \\fR[" \\-P " PORT\\fR] [" \\-H " HOST\\fR]"
Export a RAM disk or a mapping over NVMe, through one port or all of them, for the host of that NQN or for any host. Once more for the same
device, it adds the port and the host. The answer has the NQN that hosts connect to.
.TP
.BI \\-x " \\-b " NAME " \\fR[" \\-P " PORT\\fR] [" \\-H " HOST\\fR]"
Take back what
.B \\-e
did. An export with named hosts needs
.BR \\-H ;
with the last host it goes from the port, or from all of them.
.TP
.BI \\-R " \\-b " NAME
Tell the hosts of an export that its size has changed.
.TP
.BR \\-N ", " \\-n
List NVMe ports; list exports.
.TP
.BR \\-j ", " \\-g
Answer in JSON; print no banner.
.TP
.BR \\-h ", " \\-v
Print help; print the version.
.PP
Examples:
.PP
.EX
rapiddisk \\-a 64
rapiddisk \\-r rd2 \\-c 128
rapiddisk \\-m rd1 \\-b /dev/sdb \\-p wt
rapiddisk \\-u rc\\-wt_sdb
rapiddisk \\-i eth0 \\-P 1 \\-t tcp
rapiddisk \\-e \\-b rd3 \\-P 1 \\-H nqn.host1
rapiddisk \\-x \\-b rd3 \\-P 1 \\-H nqn.host1
rapiddisk \\-X \\-P 1
.EE
.SH EXIT STATUS
Of the commands in words:
.TP
.B 0
Done.
.TP
.B 1
Failed.
.TP
.B 2
The command line or an argument is wrong.
.TP
.B 3
There is no such object. The commands that remove things take
.B \\-\\-if\\-exists
to succeed then.
.TP
.B 4
Something uses the object; the message names what.
.TP
.B 5
Not authorized.
.TP
.B 6
Not enough memory.
.TP
.B 7
The service or the bus cannot be reached, or does not answer.
.TP
.B 8
The object is there already. The commands that create things take
.B \\-\\-if\\-not\\-exists
to succeed then.
.PP
Of the notation of earlier versions: 0 done; 1 write-back data could not be flushed
.RB ( \\-u );
234 bad or missing argument, refused resize, no RAM disk at all
.RB ( \\-d ", " \\-r );
240 mounted
.RB ( \\-f ", " \\-u )
or mapped
.RB ( \\-f );
243 not root; 244 not enough memory; 251 in use otherwise
.RB ( \\-f );
254 no such device or mapping
.RB ( \\-f ", " \\-L ", " \\-m ", " \\-r ", " \\-s ", " \\-U ", " \\-u ),
no RAM disk at all
.RB ( \\-l );
255 anything else, help for want of an action included.
.SH ENVIRONMENT
.TP
.B NO_COLOR
When set and not empty, nothing is emphasized.
.TP
.B DBUS_SYSTEM_BUS_ADDRESS
Address of another system bus.
.SH SEE ALSO
.BR rapiddiskd (8),
.BR rapiddisk\\-rest (8),
.BR busctl (1),
.BR pkttyagent (1),
.BR dmsetup (8)
`;

/** rapiddisk(1), from the table of commands. */
export function manualPage(commands: readonly Command[], version: string): string {
    const groups = [...Object.keys(GROUPS), ""].map((group) => {
        const members = commands.filter(({ words }) => (words.length === 2 ? words[0] : "") === group);
        const title = group === "" ? "General" : `${group[0]!.toUpperCase()}${group.slice(1)}: ${GROUPS[group]}`;
        return `.SS ${title}\n${members.map(commandEntry).join("")}`;
    });
    const examples = commands.flatMap((command) => command.examples ?? []);
    return (
        `.\\" SPDX-License-Identifier: LGPL-2.1-or-later\n` +
        `.\\" Copyright (C) 2026 The RapidDisk Manager authors\n` +
        `.\\" Generated by tools/docs/generate.ts: do not edit.\n` +
        `.TH RAPIDDISK 1 "" "rapiddisk ${version}" "RapidDisk Manager"\n` +
        `.SH NAME\nrapiddisk \\- manage RAM disks and RAM caches\n` +
        `.SH SYNOPSIS\n.B rapiddisk\n.I COMMAND\n.RI [ WORDS ]\n.RI [ OPTIONS ]\n` +
        `.SH DESCRIPTION\n.B rapiddisk\nasks the service\n.BR rapiddiskd (8)\n` +
        `over D-Bus to make, change and remove volumes (RAM disks,\n.IR /dev/rdN )\n` +
        `and cache mappings (volumes in front of slower devices), and shows what there is. A group named alone, like\n` +
        `.BR "rapiddisk volume" ,\nmeans its\n.BR ${GROUP_DEFAULT} .\n` +
        `.SH COMMANDS\n${groups.join("")}` +
        `.SH OPTIONS\nEvery command takes:\n${Object.entries(COMMON_OPTIONS).map(optionEntry).join("")}` +
        `${PROSE.split(".SH SEE ALSO")[0]}` +
        `.SH EXAMPLES\n.EX\n${examples.map(escape).join("\n")}\n.EE\n` +
        `.SH SEE ALSO${PROSE.split(".SH SEE ALSO")[1]}`
    );
}

function commandEntry({ words, operands, options, summary, details }: Command): string {
    const taken = operands.map(({ name, many, optional }) => {
        const shown = `\\fI${name}\\fR${many ? "..." : ""}`;
        return optional ? `[${shown}]` : shown;
    });
    const entries = Object.entries(options);
    const nested = entries.length === 0 ? "" : `.RS\n${entries.map(optionEntry).join("")}.RE\n`;
    return (
        `.TP\n\\fB${escape(words.join(" "))}\\fR ${taken.join(" ")}`.trimEnd() +
        `\n${escape(summary)}${details ? `\n${escape(details)}` : ""}\n${nested}`
    );
}

function optionEntry([name, { value, optionalValue, doc }]: readonly [string, Option]): string {
    const shown = value === undefined ? "" : optionalValue ? ` \\fR[\\fI${value}\\fR]` : ` \\fI${value}`;
    return `.TP\n\\fB\\-\\-${escape(name)}${shown}\\fR\n${escape(doc)}\n`;
}

/** Text that troff prints as it is: hyphens stay hyphens, and no line can be taken for a request. */
function escape(text: string): string {
    return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
