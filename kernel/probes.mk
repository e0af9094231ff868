# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
#
# What this kernel has, found by looking into its headers. Version numbers are
# not asked: stable and enterprise kernels carry newer interfaces under older
# numbers. Each line: one macro, the header, and a fixed text found in it only
# when the macro holds. compat.h turns the macros into functions. A wrong
# answer here fails loudly, at compile time.

rapiddisk-probe = $(shell grep -qF -e '$(strip $(3))' \
	$(srctree)/include/linux/$(strip $(2)) 2>/dev/null && echo -D$(strip $(1)))

# a parenthesis written out would end the $(call)
rd-lp := (
rd-rp := )

rapiddisk-probes := \
	$(call rapiddisk-probe, HAVE_ALLOC_DISK_LIMITS, blkdev.h, __blk_alloc_disk$(rd-lp)struct queue_limits) \
	$(call rapiddisk-probe, HAVE_LIMIT_FEATURES, blkdev.h, blk_features_t) \
	$(call rapiddisk-probe, HAVE_WZEROES_UNMAP, blkdev.h, max_hw_wzeroes_unmap_sectors) \
	$(call rapiddisk-probe, HAVE_BLK_MODE_T, blkdev.h, define BLK_OPEN_WRITE) \
	$(call rapiddisk-probe, HAVE_OPEN_GENDISK, blkdev.h, *open$(rd-rp)$(rd-lp)struct gendisk) \
	$(call rapiddisk-probe, HAVE_BD_MAPPING, blk_types.h, bd_mapping) \
	$(call rapiddisk-probe, HAVE_FREEZE_FLAGS, blk-mq.h, blk_mq_freeze_queue_nomemsave)
