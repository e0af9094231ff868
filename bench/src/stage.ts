// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a group of measurements builds up, and takes down again in reverse order, whatever happened between. */
export class Stage {
    private readonly undo: { what: string; action: () => Promise<void> | void }[] = [];

    /** Remembers how to take down what was just built; `what` names it in complaints. */
    defer(what: string, action: () => Promise<void> | void): void {
        this.undo.push({ what, action });
    }

    /** Takes everything down, the newest first; goes on after an error and reports them all at the end. */
    async end(): Promise<void> {
        const complaints: string[] = [];
        for (let entry = this.undo.pop(); entry !== undefined; entry = this.undo.pop()) {
            try {
                await entry.action();
            } catch (error) {
                complaints.push(`${entry.what}: ${(error as Error).message}`);
            }
        }
        if (complaints.length > 0) throw new Error(`could not take down ${complaints.join("; ")}`);
    }
}

/** Runs `body` with a stage that is taken down at the end; the body's own error wins over one of the taking down. */
export async function withStage<T>(body: (stage: Stage) => Promise<T>): Promise<T> {
    const stage = new Stage();
    let result: T;
    try {
        result = await body(stage);
    } catch (error) {
        await stage.end().catch((second: Error) => process.stderr.write(`bench: ${second.message}\n`));
        throw error;
    }
    await stage.end();
    return result;
}
