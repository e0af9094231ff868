/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rapiddisk-cache: a device-mapper target that keeps copies of an origin's
 * blocks in a RAM disk of rapiddisk.ko.
 *
 * The rules that keep the copy and the origin the same:
 *  - A block becomes readable from RAM only by data that came from the origin
 *    into the RAM page itself, or that went to the origin from that page; the
 *    caller's buffer is never read twice.
 *  - While an I/O owns a slot (filling, writing) everybody else goes to the
 *    origin. It never waits and never fails because of that.
 *  - A write, discard or zeroing that owns no slot of a block drops the block's
 *    copy before it is submitted, and dooms a fill or write in flight. Until it
 *    is over, nobody gets a slot for that block (rdc_around.c). So a copy that
 *    becomes readable was read or written while nothing else was changing the
 *    block, and no reader sees old data again after new.
 *  - A bio is submitted once. A retry is a new bio.
 *
 * Locks, outermost first, irq-safe, never held over I/O or a copy:
 *	rdc_bucket.lock		one per set, never two at once
 *	rdc_dev.long_lock	the long writes in flight
 * The claim list's mutex (rdc_claim.c) is taken in constructor and destructor
 * only, outside of these.
 */
#ifndef RDC_H
#define RDC_H

#include <linux/bio.h>
#include <linux/device-mapper.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "rapiddisk_store.h"
#include "rdc_bad.h"
#include "rdc_parse.h"
#include "rdc_range.h"
#include "rdc_set.h"
#include "rdc_stats.h"
#include "rdc_stream.h"

#define DM_MSG_PREFIX "rapiddisk-cache"

/* Copies longer than this many blocks, 64 KiB, are not done in interrupts. */
#define RDC_IRQ_BLOCKS		16u
/* Most blocks one fill, or one write from RAM pages, covers: 1 MiB. */
#define RDC_SUB_BLOCKS		256u
/* Sequential streams longer than this are not cached when that costs others. */
#define RDC_DEFAULT_CUTOFF	(4u << (20 - RDC_BLOCK_SHIFT))

/**
 * struct rdc_bucket - a set and its lock
 */
struct rdc_bucket {
	spinlock_t lock; /* the set and its slots */
	struct rdc_set set;
} ____cacheline_aligned;

/**
 * struct rdc_claim - a mapping's entry in the list of devices in use
 * @list: in that list
 * @table: the table the mapping belongs to
 * @md: the mapped device of that table
 * @origin: its origin
 * @ram: its RAM disk
 */
struct rdc_claim {
	struct list_head list;
	struct dm_table *table;
	struct mapped_device *md;
	struct block_device *origin;
	struct block_device *ram;
};

/**
 * struct rdc_dev - one mapping
 * @ti: the dm target
 * @origin: the slow device
 * @ram: the RAM disk
 * @store: the RAM disk's pages
 * @ops: how to get at them
 * @idx: the index
 * @buckets: per set: lock and state
 * @blocks: blocks of the origin that may be cached; a partial last block is not
 * @mode: enum rdc_mode
 * @cutoff: sequential bypass in blocks, 0 for none
 * @sectors: cache size as given, for the table line
 * @assoc: associativity as given, for the table line
 * @streams: sequential streams
 * @bad: blocks with a bad sector
 * @stats: counters
 * @around: short writes around the cache in flight, counted by hash of the block
 * @around_bits: two to the power of this is the number of these counters
 * @long_lock: protects @long_writes and @long_count
 * @long_writes: long writes around the cache in flight
 * @long_count: how many
 * @bs: bios to the origin
 * @retry_bs: bios of retries; one waits for another only, never for one of @bs
 * @wq: completions that are too long for an interrupt, retries
 * @claim: keeps others off the two devices
 * @store_claimed: the RAM disk is ours alone
 * @served: there may be copies on the RAM disk
 */
struct rdc_dev {
	struct dm_target *ti;
	struct dm_dev *origin;
	struct dm_dev *ram;
	struct rapiddisk_store *store;
	const struct rapiddisk_store_ops *ops;
	struct rdc_index idx;
	struct rdc_bucket *buckets;
	u64 blocks;
	int mode;
	u32 cutoff;
	u64 sectors;
	u32 assoc;
	struct rdc_streams streams;
	struct rdc_bad bad;
	struct rdc_stats stats;
	atomic_t *around;
	u32 around_bits;
	spinlock_t long_lock; /* long_writes, long_count */
	struct rb_root_cached long_writes;
	u32 long_count;
	struct bio_set bs;
	struct bio_set retry_bs;
	struct workqueue_struct *wq;
	struct rdc_claim claim;
	bool store_claimed;
	bool served;
};

/**
 * enum rdc_end - how a bio of the caller ends, for the end_io hook
 * @RDC_END_REMAPPED: by the origin
 * @RDC_END_AROUND: by the origin, and is then no longer a write around the cache
 * @RDC_END_PARTS: by us, when its parts have ended
 */
enum rdc_end {
	RDC_END_REMAPPED,
	RDC_END_AROUND,
	RDC_END_PARTS,
};

/**
 * struct rdc_io - per bio of the caller, lives in dm's per-bio data
 * @rc: the mapping
 * @pending: parts in flight, plus one while parts are still being added
 * @status: first error of a part
 * @end: what the end_io hook has to do
 * @submitter: the task that submitted it; compared, never followed
 * @sector: first sector of a write
 * @sectors: its length
 * @long_node: in the tree of long writes around the cache
 * @long_last: for that tree: largest last block below the node
 */
struct rdc_io {
	struct rdc_dev *rc;
	atomic_t pending;
	blk_status_t status;
	enum rdc_end end;
	struct task_struct *submitter;
	u64 sector;
	u64 sectors;
	struct rb_node long_node;
	u64 long_last;
};

/**
 * enum rdc_kind - kinds of parts
 * @RDC_FILL: reads the origin into RAM pages, then copies out
 * @RDC_DIRECT: reads the origin into the caller's pages
 * @RDC_STORE: writes the origin from RAM pages
 */
enum rdc_kind {
	RDC_FILL,
	RDC_DIRECT,
	RDC_STORE,
};

#define RDC_INLINE_VECS	4

/**
 * struct rdc_sub - one bio of ours to the origin
 * @io: the caller's I/O it is a part of
 * @next: next part, before they are submitted
 * @work: completion or retry outside interrupt context
 * @iter: the caller's bytes this part serves
 * @sector: first sector of the origin it accesses
 * @count: RDC_FILL: blocks; RDC_STORE: vectors
 * @max: room in @vecs
 * @kind: enum rdc_kind
 * @retry: the work is to do it again with a new bio
 * @last_try: its bio is that of a retry
 * @owned: RDC_STORE: vectors that are RAM pages
 * @vecs: the bio's vectors
 * @inline_vecs: what @vecs is for short ones
 * @bio: the bio, last because bio_set puts this in front of it
 */
struct rdc_sub {
	struct rdc_io *io;
	struct rdc_sub *next;
	struct work_struct work;
	struct bvec_iter iter;
	u64 sector;
	u32 count;
	u32 max;
	enum rdc_kind kind;
	bool retry;
	bool last_try;
	unsigned long *owned;
	struct bio_vec *vecs;
	struct bio_vec inline_vecs[RDC_INLINE_VECS];
	unsigned long inline_owned;
	struct bio bio;
};

static inline struct bio *rdc_io_bio(struct rdc_io *io)
{
	return dm_bio_from_per_bio_data(io, sizeof(*io));
}

static inline struct rdc_bucket *rdc_bucket(struct rdc_dev *rc,
					    const struct rdc_key *k)
{
	return &rc->buckets[k->set];
}

/* Page of the RAM disk that a slot lies in */
static inline pgoff_t rdc_slot_page(u64 slot)
{
	BUILD_BUG_ON(PAGE_SHIFT < RDC_BLOCK_SHIFT);
	return slot >> (PAGE_SHIFT - RDC_BLOCK_SHIFT);
}

/* Where in that page, in bytes */
static inline u32 rdc_slot_offset(u64 slot)
{
	return offset_in_page(slot << RDC_BLOCK_SHIFT);
}

/* rdc_slot.c: slots and the RAM pages behind them */
void rdc_copy(struct bio *bio, struct bvec_iter *iter, struct page *page,
	      u32 offset, u32 len, bool to_page);
bool rdc_hit(struct rdc_dev *rc, const struct rdc_piece *p, struct bio *bio,
	     struct bvec_iter *iter);
struct page *rdc_slot_fill(struct rdc_dev *rc, u64 block, bool may_evict,
			   gfp_t gfp, u32 *offset);
struct page *rdc_slot_write(struct rdc_dev *rc, const struct rdc_piece *p,
			    bool may_evict, gfp_t gfp, u32 *offset);
void rdc_slot_done(struct rdc_dev *rc, u64 block, bool good);
u32 rdc_drop_locked(struct rdc_dev *rc, struct rdc_bucket *b, u64 block);
void rdc_drop_range(struct rdc_dev *rc, u64 sector, u64 sectors,
		    enum rdc_stat counter, bool may_sleep);
u64 rdc_cached_blocks(struct rdc_dev *rc);

/* rdc_around.c: writes in flight that own no slot */
bool rdc_around_busy(struct rdc_dev *rc, struct rdc_bucket *b, u64 block);
void rdc_around_begin_block(struct rdc_dev *rc, struct rdc_bucket *b,
			    u64 block);
void rdc_around_end_block(struct rdc_dev *rc, u64 block);
void rdc_around_begin(struct rdc_dev *rc, struct rdc_io *io, bool may_sleep);
void rdc_around_end(struct rdc_dev *rc, struct rdc_io *io);

/* rdc_sub.c: parts of an I/O */
struct rdc_sub *rdc_sub_alloc(struct rdc_dev *rc, struct rdc_io *io,
			      enum rdc_kind kind, u32 max_vecs);
void rdc_sub_free(struct rdc_sub *sub);
void rdc_sub_add(struct rdc_sub *sub, struct page *page, u32 len, u32 offset,
		 bool owned);
void rdc_sub_undo(struct rdc_sub *sub);
void rdc_sub_submit_all(struct rdc_io *io, struct rdc_sub *first);
void rdc_count_error(struct rdc_dev *rc, blk_status_t status);

/* rdc_read.c, rdc_write.c: the two directions */
int rdc_map_read(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio);
int rdc_map_write(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio);
int rdc_map_clear(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio);

/* rdc_claim.c: who uses what */
bool rdc_is_cache(const char *path);
int rdc_claim(struct rdc_dev *rc, const char **why);
void rdc_unclaim(struct rdc_dev *rc);
int rdc_store_open(struct rdc_dev *rc, const char **why);
int rdc_store_claim(struct rdc_dev *rc, const char **why);
void rdc_store_close(struct rdc_dev *rc);

/* rdc_ctr.c: making and unmaking a mapping */
int rdc_ctr(struct dm_target *ti, unsigned int argc, char **argv);
void rdc_dtr(struct dm_target *ti);

/* rdc_status.c: what the mapping says about itself, and messages */
void rdc_status(struct dm_target *ti, status_type_t type,
		unsigned int status_flags, char *result, unsigned int maxlen);
int rdc_message(struct dm_target *ti, unsigned int argc, char **argv,
		char *result, unsigned int maxlen);

/* Send the caller's own bio to the origin */
static inline int rdc_remap(struct rdc_dev *rc, struct bio *bio)
{
	bio_set_dev(bio, rc->origin->bdev);
	return DM_MAPIO_REMAPPED;
}

/* The clock of struct rdc_bad */
static inline u64 rdc_seconds(void)
{
	return ktime_get_seconds() + 1;
}

/* Memory for caching: give up early, never touch the reserves. */
static inline gfp_t rdc_gfp(const struct bio *bio)
{
	gfp_t gfp = __GFP_NOWARN | __GFP_NOMEMALLOC;

	return gfp | (bio->bi_opf & REQ_NOWAIT ? GFP_NOWAIT :
						 GFP_NOIO | __GFP_NORETRY);
}

#endif /* RDC_H */
