/**
 * What queries asked of subgraphs the last time, what was answered, and what came of it. The answer to a client follows
 * from its query, its variables and what the subgraphs say; so where all of them say the same again, nothing has to be
 * worked out. Every subgraph is asked every time: nobody sees data that was not read for them, and nothing is outdated.
 */
import { LRUCache } from "lru-cache";
import type { JsonText } from "../request/json-text.js";
import type { SubgraphAnswer, SubgraphCall } from "../subgraphs/subgraph-call.js";

export interface RecordedCall {
  /** To ask for the same entities again: objects are made anew, since they belong to whoever is asked. */
  representations(): SubgraphCall["representations"];
  /** Whether an answer says what was said then. */
  isSaidBy(answer: SubgraphAnswer): boolean;
  /** What it takes to remember that, about. */
  readonly bytes: number;
}

export interface Recording {
  /** By the number of the call; those that were not needed are left out. */
  readonly calls: readonly (RecordedCall | undefined)[];
  readonly data: JsonText;
}

interface Memory {
  readonly recording: Recording | null;
  /** How often in a row the subgraphs said something else. */
  misses: number;
  /** So many requests more are run without a look at the past. */
  pause: number;
}

/** What to do with a request: run it, run it and record that, or ask whether everything is as it was. */
export type Advice = "run" | "record" | Recording;

/** What a query costs that is remembered by its name only. */
const bytesOfName = 200;
/** One query gets at most this part of the memory. */
const largestPart = 1 / 4;
/** A query whose data always changes is tried again after so many requests at the latest, as a power of two. */
const longestPause = 10;

export class Recordings {
  readonly #known: LRUCache<string, Memory>;

  constructor(mostBytes: number) {
    this.#known = new LRUCache({ maxSize: mostBytes });
  }

  get mostBytes(): number {
    return this.#known.maxSize;
  }

  /** Most queries with their variables come only once: recording begins with the second time. */
  advice(key: string): Advice {
    const known = this.#known.get(key);
    if (!known) {
      this.#remember(key, { recording: null, misses: 0, pause: 0 });
      return "run";
    }
    if (known.pause > 0) {
      known.pause -= 1;
      return "run";
    }
    return known.recording ?? "record";
  }

  keep(key: string, recording: Recording): void {
    const misses = this.#known.peek(key)?.misses ?? 0;
    const isTooLarge = bytesOf(key, recording) > this.mostBytes * largestPart;
    // Not to be tried again with every request.
    if (isTooLarge) this.#remember(key, { recording: null, misses, pause: 2 ** longestPause });
    else this.#remember(key, { recording, misses, pause: 0 });
  }

  /** The subgraphs said the same again. */
  confirmed(key: string): void {
    const known = this.#known.peek(key);
    if (known) known.misses = 0;
  }

  /** They did not, so the recording is of no use; the next one begins the later, the more often that happened. */
  missed(key: string): void {
    const misses = (this.#known.peek(key)?.misses ?? 0) + 1;
    const pause = 2 ** Math.min(misses, longestPause) - 2;
    this.#remember(key, { recording: null, misses, pause });
  }

  #remember(key: string, memory: Memory): void {
    this.#known.set(key, memory, { size: bytesOf(key, memory.recording) });
  }
}

/** The data is kept twice: as text, and as the bytes of the answer. */
function bytesOf(key: string, recording: Recording | null): number {
  let bytes = bytesOfName + 2 * key.length;
  if (!recording) return bytes;
  bytes += 3 * recording.data.text.length;
  for (const call of recording.calls) if (call) bytes += call.bytes;
  return bytes;
}
