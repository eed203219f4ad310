/** Windows of this process. */
import { LRUCache } from "lru-cache";
import { countOf, type WindowAnswer, type WindowRule, type WindowState, type WindowStore } from "./windows.js";

interface Entry {
  /** Number of the running window since the epoch. */
  window: number;
  previous: number;
  current: number;
  windowMs: number;
}

export interface MemoryWindowOptions {
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /** Beyond it those that were used longest ago are forgotten. Default 100,000. */
  readonly mostKeys?: number;
}

export interface MemoryWindowStore extends WindowStore {
  take(rules: readonly WindowRule[], amount: number): WindowAnswer;
}

export function createMemoryWindows({
  now = Date.now,
  mostKeys = 100_000,
}: MemoryWindowOptions = {}): MemoryWindowStore {
  const entries = new LRUCache<string, Entry>({ max: mostKeys });

  function entryOf({ key, windowMs }: WindowRule, at: number): Entry {
    const window = Math.floor(at / windowMs);
    const known = entries.get(key);
    const entry = known ? moved(known, window) : { window, previous: 0, current: 0, windowMs };
    if (entry !== known) entries.set(key, entry);
    return entry;
  }

  return {
    take(rules, amount) {
      const at = now();
      const taken = rules.map((rule) => entryOf(rule, at));
      const states = (): WindowState[] => taken.map((entry) => stateOf(entry, at));
      const before = states();
      const isAllowed = rules.every((rule, index) => {
        const state = before[index];
        return state !== undefined && countOf(state, rule.windowMs) + amount <= rule.limit;
      });
      if (isAllowed) for (const entry of taken) entry.current += amount;
      return { isAllowed, states: isAllowed ? states() : before };
    },
    async close() {
      entries.clear();
    },
  };
}

function moved(entry: Entry, window: number): Entry {
  if (window === entry.window) return entry;
  const previous = window === entry.window + 1 ? entry.current : 0;
  return { ...entry, window, previous, current: 0 };
}

function stateOf({ previous, current, window, windowMs }: Entry, at: number): WindowState {
  return { previous, current, elapsedMs: at - window * windowMs };
}
