// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * What a mapping says about itself, and the messages it takes.
 */
#include "rdc.h"

/*
 * The thirteen numbers. Tools read them by position and drop everything that
 * is neither digit nor blank, so no label may hold a digit, and numbers that
 * are not among the thirteen belong in the stats message.
 */
static unsigned int rdc_status_info(struct rdc_dev *rc, char *result,
				    unsigned int maxlen)
{
	struct rdc_counters c;
	unsigned int sz = 0;

	rdc_stats_sum(&rc->stats, &c);
	DMEMIT("stats:\n\treads(%lu), writes(%lu)\n",
	       (unsigned long)c.v[RDC_S_READS],
	       (unsigned long)c.v[RDC_S_WRITES]);
	DMEMIT("\tcache hits(%lu), replacement(%lu), write replacement(%lu)\n",
	       (unsigned long)c.v[RDC_S_HITS],
	       (unsigned long)c.v[RDC_S_REPLACED],
	       (unsigned long)c.v[RDC_S_WREPLACED]);
	DMEMIT("\tread invalidates(%lu), write invalidates(%lu)\n",
	       (unsigned long)c.v[RDC_S_RINVAL],
	       (unsigned long)c.v[RDC_S_WINVAL]);
	DMEMIT("\tuncached reads(%lu), uncached writes(%lu)\n",
	       (unsigned long)c.v[RDC_S_UREADS],
	       (unsigned long)c.v[RDC_S_UWRITES]);
	DMEMIT("\tdisk reads(%lu), disk writes(%lu)\n",
	       (unsigned long)c.v[RDC_S_DREADS],
	       (unsigned long)c.v[RDC_S_DWRITES]);
	DMEMIT("\tcache reads(%lu), cache writes(%lu)\n",
	       (unsigned long)c.v[RDC_S_CREADS],
	       (unsigned long)c.v[RDC_S_CWRITES]);
	return sz;
}

/**
 * rdc_status() - status, table and measurement texts
 * @ti: the target
 * @type: which text
 * @status_flags: not used
 * @result: the text
 * @maxlen: room for it
 */
void rdc_status(struct dm_target *ti, status_type_t type,
		unsigned int status_flags, char *result, unsigned int maxlen)
{
	struct rdc_dev *rc = ti->private;
	unsigned int sz = 0;

	switch (type) {
	case STATUSTYPE_INFO:
		rdc_status_info(rc, result, maxlen);
		break;
	case STATUSTYPE_TABLE:
		DMEMIT("%s %s %llu %s %u", rc->origin->name, rc->ram->name,
		       (unsigned long long)rc->sectors,
		       rdc_mode_arg(READ_ONCE(rc->mode)), rc->assoc);
		break;
	case STATUSTYPE_IMA:
		DMEMIT_TARGET_NAME_VERSION(ti->type);
		DMEMIT(",source_device_name=%s,cache_device_name=%s;",
		       rc->origin->name, rc->ram->name);
		break;
	}
}

static u64 rdc_metadata_bytes(const struct rdc_dev *rc)
{
	const struct rdc_index *i = &rc->idx;

	return (u64)i->sets *
	       (i->ways * (sizeof(*i->word) + sizeof(*i->hnext) +
			   sizeof(*i->qnext)) +
		i->heads * sizeof(*i->head) + i->ghosts * sizeof(*i->ghost) +
		sizeof(*rc->buckets)) +
	       sizeof(*rc->around) * (1u << rc->around_bits);
}

/* Reply to the stats message: one line, name=value. */
static void rdc_message_stats(struct rdc_dev *rc, char *result,
			      unsigned int maxlen)
{
	static const char * const names[RDC_S_COUNT] = {
		[RDC_S_READS] = "reads",
		[RDC_S_WRITES] = "writes",
		[RDC_S_HITS] = "hits",
		[RDC_S_REPLACED] = "read_evictions",
		[RDC_S_WREPLACED] = "write_evictions",
		[RDC_S_RINVAL] = "read_invalidates",
		[RDC_S_WINVAL] = "write_invalidates",
		[RDC_S_UREADS] = "uncached_reads",
		[RDC_S_UWRITES] = "uncached_writes",
		[RDC_S_DREADS] = "disk_reads",
		[RDC_S_DWRITES] = "disk_writes",
		[RDC_S_CREADS] = "cache_reads",
		[RDC_S_CWRITES] = "cache_writes",
		[RDC_S_BUSY] = "busy",
		[RDC_S_NOSLOT] = "no_slot",
		[RDC_S_SEQ] = "sequential_bypass",
		[RDC_S_DOOMED] = "doomed",
		[RDC_S_RAM_FAIL] = "ram_failed",
		[RDC_S_ORIGIN_ERR] = "origin_errors",
		[RDC_S_FLUSHES] = "flushes",
		[RDC_S_CLEARS] = "clears",
		[RDC_S_INVALIDATED] = "invalidated",
	};
	const struct rdc_index *idx = &rc->idx;
	struct rdc_counters c;
	unsigned int sz = 0;
	int i;

	rdc_stats_sum(&rc->stats, &c);
	DMEMIT("mode=%s block_size=%u blocks=%llu cached_blocks=%llu",
	       rdc_mode_word(READ_ONCE(rc->mode)), RDC_BLOCK_SIZE,
	       (unsigned long long)idx->sets * idx->ways,
	       (unsigned long long)rdc_cached_blocks(rc));
	DMEMIT(" sets=%u ways=%u seq_cutoff=%u metadata_bytes=%llu",
	       idx->sets, idx->ways,
	       READ_ONCE(rc->cutoff) << RDC_BLOCK_SECT_SHIFT,
	       (unsigned long long)rdc_metadata_bytes(rc));
	for (i = 0; i < RDC_S_COUNT; i++)
		DMEMIT(" %s=%llu", names[i], (unsigned long long)c.v[i]);
}

/*
 * A message that alters the table line raises no event of device-mapper's own:
 * programs that show mappings learn of it by a uevent, as they do of a resume.
 * The live table is held here: a suspend waits for it, so memory for the notice
 * must not wait for I/O to what is being suspended.
 */
static void rdc_tell_change(struct dm_target *ti)
{
	struct gendisk *disk = dm_disk(dm_table_get_md(ti->table));
	unsigned int flags = memalloc_noio_save();

	kobject_uevent(&disk_to_dev(disk)->kobj, KOBJ_CHANGE);
	memalloc_noio_restore(flags);
}

/**
 * rdc_message() - a message to the target
 * @ti: the target
 * @argc: number of words
 * @argv: the words, see rdc_parse_msg()
 * @result: the reply
 * @maxlen: room for it
 *
 * Return: 1 with a reply, 0 without, -EINVAL.
 */
int rdc_message(struct dm_target *ti, unsigned int argc, char **argv,
		char *result, unsigned int maxlen)
{
	struct rdc_dev *rc = ti->private;
	const char *why = "";
	struct rdc_msg msg;
	int err;

	err = rdc_parse_msg(argc, argv, &msg, &why);
	if (err) {
		DMWARN_LIMIT("message refused: %s", why);
		return err;
	}
	switch (msg.verb) {
	case RDC_MSG_INVALIDATE:
		rdc_drop_range(rc, msg.sector,
			       msg.sectors ? msg.sectors : ti->len,
			       RDC_S_INVALIDATED, true);
		return 0;
	case RDC_MSG_MODE:
		/*
		 * Every mode drops copies that a write touches, so I/O that
		 * began in the old mode leaves nothing wrong behind.
		 */
		if (xchg(&rc->mode, msg.mode) != msg.mode)
			rdc_tell_change(ti);
		return 0;
	case RDC_MSG_SEQ_CUTOFF:
		WRITE_ONCE(rc->cutoff,
			   min_t(u64, msg.cutoff >> RDC_BLOCK_SECT_SHIFT,
				 RDC_STREAM_LEN_MAX));
		return 0;
	case RDC_MSG_STATS_RESET:
		rdc_stats_reset(&rc->stats);
		return 0;
	case RDC_MSG_STATS:
		rdc_message_stats(rc, result, maxlen);
		return 1;
	}
	return -EINVAL;
}
