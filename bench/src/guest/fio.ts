// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Runs fio: many jobs one after another in one process, so that starting fio is paid once a round, not once a cell. */
import { run } from "../exec.js";

/** One measurement of one device. */
export interface FioJob {
    /** Unique within a run; results are found by it. */
    name: string;
    /** Device path. */
    device: string;
    rw: "read" | "write" | "randread" | "randwrite";
    /** Block size in bytes. */
    blockSize: number;
    /** I/Os in flight, for each job. */
    depth: number;
    /** Threads that do the same at once. */
    jobs: number;
    engine: "libaio" | "io_uring" | "psync";
    /** Measure for this many milliseconds; without it, go through `size` once. */
    runtimeMs?: number;
    /** Run for this many milliseconds before measuring. */
    rampMs?: number;
    /** Bytes from the start of the device that are touched; default the whole device. */
    size?: number;
    /** Seed of the random offsets; jobs with the same seed touch the same blocks in the same order. */
    seed?: number;
    /** Touch each block once before any is touched again (default: offsets are drawn freely). */
    coverEachOnce?: boolean;
    /** Also measure completion latency percentiles (costs time per I/O). */
    latency?: boolean;
}

/** What fio says of one job. */
export interface FioResult {
    iops: number;
    bytesPerSecond: number;
    /** Bytes moved in the measured time. */
    bytes: number;
    /** I/Os that failed; fio goes on after them. */
    errors: number;
    /** errno that ended the job, 0 when none did. */
    error: number;
    /** Completion latency in microseconds, where it was asked for. */
    latencyUs?: { p50: number; p99: number };
}

/** fio's job file for jobs that run strictly one after another. */
export function fioJobFile(jobs: readonly FioJob[]): string {
    const lines = [
        "[global]",
        "direct=1",
        "thread=1",
        "group_reporting=1",
        "randrepeat=1",
        "continue_on_error=io",
        "invalidate=0",
        "allow_file_create=0",
        "stonewall",
    ];
    for (const job of jobs) {
        lines.push(
            `[${job.name}]`,
            `filename=${job.device.replaceAll(":", "\\:")}`,
            `rw=${job.rw}`,
            `bs=${job.blockSize}`,
            `ioengine=${job.engine}`,
            `iodepth=${job.depth}`,
            `numjobs=${job.jobs}`,
            `randseed=${job.seed ?? 1}`,
            `norandommap=${job.coverEachOnce === true ? 0 : 1}`,
        );
        if (job.latency !== true) lines.push("gtod_reduce=1");
        if (job.size !== undefined) lines.push(`size=${job.size}`);
        if (job.runtimeMs !== undefined) lines.push("time_based=1", `runtime=${job.runtimeMs}ms`);
        if (job.rampMs !== undefined) lines.push(`ramp_time=${job.rampMs}ms`);
    }
    return lines.join("\n") + "\n";
}

interface FioDirection {
    iops?: number;
    bw_bytes?: number;
    io_bytes?: number;
    clat_ns?: { percentile?: Record<string, number> };
}

/**
 * Reads fio's JSON output, with whatever warnings fio prints before it.
 * @throws Error when there is no JSON in it or a job has neither read nor written
 */
export function parseFio(output: string): Map<string, FioResult> {
    const start = output.search(/^\{/m);
    if (start < 0) throw new Error(`fio gave no result: ${output.trim().slice(0, 300)}`);
    const parsed = JSON.parse(output.slice(start, output.lastIndexOf("}") + 1)) as {
        jobs: { jobname: string; error: number; total_err?: number; read: FioDirection; write: FioDirection }[];
    };
    const results = new Map<string, FioResult>();
    for (const job of parsed.jobs) {
        const direction = (job.read.io_bytes ?? 0) >= (job.write.io_bytes ?? 0) ? job.read : job.write;
        const result: FioResult = {
            iops: direction.iops ?? 0,
            bytesPerSecond: direction.bw_bytes ?? 0,
            bytes: direction.io_bytes ?? 0,
            errors: job.total_err ?? 0,
            error: job.error,
        };
        const percentile = direction.clat_ns?.percentile;
        if (percentile !== undefined) {
            result.latencyUs = {
                p50: (percentile["50.000000"] ?? NaN) / 1000,
                p99: (percentile["99.000000"] ?? NaN) / 1000,
            };
        }
        results.set(job.jobname, result);
    }
    return results;
}

/**
 * Runs the jobs one after another and gives the result of each by name. A job that met errors is in the result with its
 * errors; only a fio that gives no result throws.
 */
export async function runFio(jobs: readonly FioJob[]): Promise<Map<string, FioResult>> {
    if (jobs.length === 0) return new Map();
    const longest = jobs.reduce((sum, job) => sum + (job.runtimeMs ?? 60_000), 0);
    const done = await run("fio", ["--output-format=json", "-"], {
        input: fioJobFile(jobs),
        timeoutMs: 120_000 + 20 * longest,
        anyStatus: true,
    });
    const results = parseFio(done.stdout + done.stderr);
    for (const job of jobs) {
        if (!results.has(job.name)) throw new Error(`fio said nothing of ${job.name}: ${done.stderr.slice(0, 300)}`);
    }
    return results;
}
