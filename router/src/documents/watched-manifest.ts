/** The manifest as it is on disk: read again when a file changes; a bad one leaves the last good one in place. */
import { stat } from "node:fs/promises";
import type { Log } from "@tessera/telemetry";
import { type Manifest, readManifest } from "./manifest.js";

export interface WatchedManifest {
  readonly current: Manifest;
  /** Looks whether the files have changed. Called every `pollMs` by itself. */
  refresh(): Promise<void>;
  close(): void;
}

export interface WatchOptions {
  readonly files: readonly string[];
  /** Milliseconds between two looks at the files; 0 never looks again. */
  readonly pollMs: number;
  readonly log: Log;
}

/** @throws ManifestError when the files cannot be used to begin with. */
export async function watchManifest({ files, pollMs, log }: WatchOptions): Promise<WatchedManifest> {
  let seen = await marksOf(files);
  let current = await readManifest(files);
  let refreshing: Promise<void> | null = null;

  async function look(): Promise<void> {
    const marks = await marksOf(files);
    if (marks === seen) return;
    seen = marks;
    try {
      current = await readManifest(files);
      log.info({ files, operations: current.texts.size }, "published operations were read again");
    } catch (error) {
      log.error({ err: error, files }, "published operations cannot be read; those known before stay");
    }
  }

  const refresh = (): Promise<void> => {
    refreshing ??= look().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };
  const timer = pollMs > 0 ? setInterval(refresh, pollMs).unref() : undefined;
  return {
    get current() {
      return current;
    },
    refresh,
    close: () => clearInterval(timer),
  };
}

/** Differs when a file was written, replaced or removed. */
async function marksOf(files: readonly string[]): Promise<string> {
  const marks = files.map((file) =>
    stat(file, { bigint: true }).then(
      ({ mtimeNs, size, ino }) => `${mtimeNs} ${size} ${ino}`,
      () => "missing",
    ),
  );
  return (await Promise.all(marks)).join();
}
