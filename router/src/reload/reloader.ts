/** Takes changed files over while the router runs. What cannot be used is reported, and what runs stays. */
import { createFingerprint } from "./fingerprint.js";
import { watchFolders } from "./watch-folders.js";

export interface ReloaderOptions<Loaded> {
  /** Absolute paths of the files to watch; asked again after every reload, since one file may name another. */
  readonly files: () => readonly string[];
  /** Reads and checks them all. What it throws says what is wrong and where. */
  readonly load: () => Promise<Loaded>;
  /** Puts what was loaded to use. When it rejects, what was in use has to be in use still. */
  readonly onReload: (loaded: Loaded) => Promise<void>;
  readonly log: ReloadLog;
  /** How often files are looked at where the file system does not tell. Default 2,000 ms. */
  readonly pollMs?: number;
  /** Quiet time after a change before files are read: editors write in several steps. Default 100 ms. */
  readonly quietMs?: number;
}

interface ReloadLog {
  info(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Reloader {
  /** Loads whether or not anything has changed. Never rejects. */
  reload(): Promise<void>;
  /** Resolves when a reload that is under way has ended. */
  close(): Promise<void>;
}

/** Starts to watch. What is in the files at this moment counts as loaded. */
export function createReloader<Loaded>(options: ReloaderOptions<Loaded>): Reloader {
  const { files, load, onReload, log, pollMs = 2_000, quietMs = 100 } = options;
  const fingerprint = createFingerprint();
  const quiet = whenQuiet(quietMs, () => void inTurn(takeOverChanges));
  const folders = watchFolders(quiet.wait);
  let known = fingerprint(files());
  let running: Promise<void> = Promise.resolve();
  let isClosed = false;

  /** One after the other: the newest files win. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    running = running.then(work);
    return running;
  }

  async function takeOverChanges(): Promise<void> {
    const found = await fingerprint(files());
    if (found === (await known) || isClosed) return;
    known = Promise.resolve(found);
    await takeOver();
  }

  async function takeOver(): Promise<void> {
    const started = performance.now();
    try {
      await onReload(await load());
      const names = files();
      folders.follow(names);
      log.info({ files: names, durationMs: Math.round(performance.now() - started) }, "Reloaded.");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ reason }, "Not reloaded: what was running before goes on.");
    }
  }

  folders.follow(files());
  const poll = setInterval(quiet.wait, pollMs).unref();
  return {
    reload: () =>
      inTurn(async () => {
        if (isClosed) return;
        known = fingerprint(files());
        await known;
        await takeOver();
      }),
    async close() {
      isClosed = true;
      quiet.stop();
      clearInterval(poll);
      folders.close();
      await running;
    },
  };
}

/** For quiet, as a multiple of it: in some folders something is always written, such as a log. */
const longestWait = 10;

/** Looks once `wait` has not been called for `quietMs`, or after the longest wait. */
function whenQuiet(quietMs: number, look: () => void) {
  let timer: NodeJS.Timeout | undefined;
  /** When the first change came that was not looked at yet. */
  let since: number | null = null;
  let isOver = false;
  return {
    wait(): void {
      clearTimeout(timer);
      if (isOver) return;
      since ??= performance.now();
      const left = since + longestWait * quietMs - performance.now();
      timer = setTimeout(
        () => {
          since = null;
          look();
        },
        Math.min(quietMs, Math.max(0, left)),
      );
    },
    stop(): void {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
