// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * sim: replays a block trace through the module's own index.
 *
 *   sim [-w WAYS] TRACE MIB...
 *   sim -g zipf|loop|scan|mixed MIB...
 *
 * TRACE is comma separated: version, time, SCSI operation in hex (28 read, 2a
 * write), bytes, 512-byte sector; a first line of names is skipped. Writes are
 * cached as in write-through mode. Prints per size the share of blocks that
 * were in the cache, of reads alone, and LRU's shares; the means are of reads.
 */
#include <inttypes.h>
#include <math.h>
#include <unistd.h>

#include "model.h"

struct access {
	u64 block;
	bool write;
};

static struct access *trace;
static size_t count, room;

static void add(u64 block, bool write)
{
	if (count == room) {
		room = room ? room * 2 : 1 << 20;
		trace = realloc(trace, room * sizeof(*trace));
	}
	trace[count++] = (struct access){ block, write };
}

static void load(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256];

	if (!f) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof(line), f)) {
		u64 bytes, sector, b;
		unsigned int op;

		if (sscanf(line, "%*[^,],%*[^,],%x,%" SCNu64 ",%" SCNu64, &op,
			   &bytes, &sector) != 3 || !bytes)
			continue;
		for (b = sector >> 3; b <= (sector + (bytes - 1) / 512) >> 3; b++)
			add(b, op == 0x2a);
	}
	fclose(f);
}

static u64 seed = 88172645463325252ULL;

static double rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double)(seed >> 11) / (double)(1ULL << 53);
}

/* Zipf 0.9 over 512 MiB, scattered; loops; both with scans of cold blocks. */
static void generate(const char *kind)
{
	const u64 n = 1 << 17;
	u64 i, cold = 1 << 24;

	for (i = 0; i < 1500000; i++) {
		u64 rank = (u64)(pow(rnd() * (pow(n, 0.1) - 1) + 1, 10));
		u64 b = !strcmp(kind, "loop") ? i % (n / 4) :
						(rank * 2654435761ULL) % n;

		if (!strcmp(kind, "mixed") && i % 200000 > 150000)
			b = n + i % (n / 4);
		add(b, i % 4 == 0);
		if ((!strcmp(kind, "scan") || !strcmp(kind, "mixed")) &&
		    i % 50000 > 30000)
			add(cold++, false);
	}
}

static void replay(u64 blocks, u32 ways, double *all, double *reads)
{
	size_t i, hits = 0, rhits = 0, nreads = 0;
	struct model m;

	model_init(&m, blocks, ways);
	for (i = 0; i < count; i++) {
		struct rdc_key k = rdc_key(&m.idx, trace[i].block);
		struct rdc_set *set = &m.sets[k.set];
		int way = rdc_find(&m.idx, &k);
		bool evicted = false;
		u64 slot = rdc_slot(&m.idx, k.set, way);

		nreads += !trace[i].write;
		if (way >= 0) {
			hits++;
			rhits += !trace[i].write;
			if (!trace[i].write) {
				rdc_touch(&m.idx, slot, rdc_word(&m.idx, slot));
				continue;
			}
			rdc_rewrite(&m.idx, set, slot);
			rdc_commit(&m.idx, set, slot);
			continue;
		}
		way = rdc_reserve(&m.idx, set, &k, trace[i].write ?
				  RDC_WRITING : RDC_FILLING, true, &evicted);
		rdc_commit(&m.idx, set, rdc_slot(&m.idx, k.set, way));
	}
	model_free(&m);
	*all = 100.0 * (double)hits / (double)count;
	*reads = 100.0 * (double)rhits / (double)nreads;
}

/* LRU with a chained hash and a doubly linked list. */
static void lru(u64 blocks, double *all, double *reads)
{
	const u32 mask = (1 << 20) - 1;
	u32 *head = calloc(mask + 1, 4), *hn = calloc(blocks + 1, 4);
	u32 *prev = calloc(blocks + 1, 4), *next = calloc(blocks + 1, 4);
	u64 *tag = calloc(blocks + 1, 8), used = 0;
	size_t i, hits = 0, rhits = 0, nreads = 0;

	for (i = 0; i < count; i++) {
		u32 h = (u32)(rdc_mix(trace[i].block) & mask), s;

		nreads += !trace[i].write;
		for (s = head[h]; s && tag[s] != trace[i].block; s = hn[s])
			;
		if (s) {
			hits++;
			rhits += !trace[i].write;
			next[prev[s]] = next[s];
			prev[next[s]] = prev[s];
		} else {
			if (used < blocks) {
				s = (u32)++used;
			} else {
				u32 *p;

				s = prev[0];
				next[prev[s]] = 0;
				prev[0] = prev[s];
				p = &head[rdc_mix(tag[s]) & mask];
				while (*p != s)
					p = &hn[*p];
				*p = hn[s];
			}
			tag[s] = trace[i].block;
			hn[s] = head[h];
			head[h] = s;
		}
		next[s] = next[0];
		prev[s] = 0;
		prev[next[0]] = s;
		next[0] = s;
	}
	free(head);
	free(hn);
	free(prev);
	free(next);
	free(tag);
	*all = 100.0 * (double)hits / (double)count;
	*reads = 100.0 * (double)rhits / (double)nreads;
}

int main(int argc, char **argv)
{
	double all, reads, lall, lreads, sum = 0, sum_lru = 0;
	u32 ways = 512;
	const char *gen = NULL;
	int c, i;

	while ((c = getopt(argc, argv, "w:g:")) != -1) {
		if (c == 'w')
			ways = (u32)atoi(optarg);
		else if (c == 'g')
			gen = optarg;
		else
			return 2;
	}
	if (gen)
		generate(gen);
	else if (optind < argc)
		load(argv[optind++]);
	if (!count || optind >= argc) {
		fputs("sim [-w WAYS] TRACE MIB... | sim -g zipf|loop|scan|mixed MIB...\n",
		      stderr);
		return 2;
	}
	printf("%zu blocks accessed\n         this         LRU\n", count);
	puts("  MiB    all  reads    all  reads");
	for (i = optind; i < argc; i++) {
		u64 blocks = (u64)atoi(argv[i]) << 8;

		replay(blocks, ways, &all, &reads);
		lru(blocks, &lall, &lreads);
		sum += reads;
		sum_lru += lreads;
		printf("%5s %6.1f %6.1f %6.1f %6.1f\n", argv[i], all, reads,
		       lall, lreads);
	}
	printf(" mean        %6.1f        %6.1f\n", sum / (argc - optind),
	       sum_lru / (argc - optind));
	return 0;
}
