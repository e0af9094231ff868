# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2016 # read by the files that source this one
#
# The options that every command which boots a machine takes.

OPT_KERNEL=6.12
OPT_CPUS=2
OPT_MEMORY=3G
# Empty: what lib/qemu.sh takes for the kernel's architecture.
OPT_MACHINE=
OPT_CPU=
OPT_DEBUG=
OPT_ICOUNT=
OPT_APPEND=
OPT_PRODUCT=yes
OPT_PACKAGES=
OPT_NAME=
OPT_MODULES=$REPO_DIR/kernel
OPT_READY_SECONDS=${RAPIDDISK_VM_READY_SECONDS:-300}
OPT_QEMU=()
OPT_DEATH_SIGNAL=KILL

MACHINE_OPTIONS='Options of the machine:
  --kernel LINE    6.1, 6.12 (default), 7.2, 7.3, 6.12-arm64 or 6.12-arm64-16k (pages of 16 KiB; both without the product)
  --cpus N         default 2
  --memory SIZE    default 3G
  --debug          slub_debug, page poisoning and KFENCE: slow, finds misuse of memory
  --icount         guest time counts instructions, one CPU: repeatable measurements
  --append WORDS   more words for the command line of the kernel
  --qemu WORD      one more argument for QEMU (repeat it)
  --packages FILE  more packages for the guest, in the form of vm/packages.txt, in an image of its own
  --no-product     modules and tests only, no `make install`
  --modules DIR    compile the modules of that directory (default: kernel/), `none` for none
  --name NAME      name of the directory for logs below out/vm/ (default: the time)'

# machine_option ARGUMENTS...: takes one option from the front; sets TAKEN to how many words it was, 0 when not one of these.
machine_option() {
    TAKEN=2
    case $1 in
        --kernel) OPT_KERNEL=${2:?} ;;
        --cpus) OPT_CPUS=${2:?} ;;
        --memory) OPT_MEMORY=${2:?} ;;
        --append) OPT_APPEND+=" ${2:?}" ;;
        --qemu) OPT_QEMU+=("${2:?}") ;;
        --modules) OPT_MODULES=${2:?} ;;
        --packages) OPT_PACKAGES=$(realpath -- "${2:?}") ;;
        --name) OPT_NAME=${2:?} ;;
        --machine) OPT_MACHINE=${2:?} ;;
        --cpu) OPT_CPU=${2:?} ;;
        --debug) OPT_DEBUG=yes TAKEN=1 ;;
        --icount) OPT_ICOUNT=yes OPT_CPUS=1 TAKEN=1 ;;
        --no-product) OPT_PRODUCT='' TAKEN=1 ;;
        *) TAKEN=0 ;;
    esac
}
