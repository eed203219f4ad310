/** Where in the merged data a plan step works: the objects, and the response path of each for its errors. */

export type Data = Record<string, unknown>;
export type Path = readonly (string | number)[];

export interface Target {
  readonly data: Data;
  readonly path: Path;
}

/** Follows a plan path from each target; `@` goes through every item of a list. Nulls end the way. */
export function targetsAt(targets: readonly Target[], path: readonly (string | number)[]): Target[] {
  const found: Target[] = [];
  for (const { data, path: before } of targets) collect(data, path, 0, before, found);
  return found;
}

function collect(value: unknown, path: readonly (string | number)[], at: number, before: Path, found: Target[]): void {
  if (value === null || value === undefined) return;
  const step = path[at];
  if (step === undefined) {
    if (isData(value)) found.push({ data: value, path: before });
    // A list where the plan expects an object: its items are meant.
    else if (Array.isArray(value))
      value.forEach((item, index) => void collect(item, path, at, [...before, index], found));
  } else if (step === "@") {
    if (!Array.isArray(value)) return;
    value.forEach((item, index) => void collect(item, path, at + 1, [...before, index], found));
  } else if (isData(value)) {
    collect(value[step], path, at + 1, [...before, step], found);
  }
}

export function isData(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Merges what a fetch brought into what is there: objects by key, lists by position. */
export function mergeInto(target: Data, source: Data): void {
  for (const [key, value] of Object.entries(source)) {
    if (key === "__proto__") continue;
    target[key] = merged(target[key], value);
  }
}

function merged(present: unknown, next: unknown): unknown {
  if (isData(present) && isData(next)) {
    if (present !== next) mergeInto(present, next);
    return present;
  }
  if (Array.isArray(present) && Array.isArray(next) && present.length === next.length) {
    return present.map((item, index) => merged(item, next[index]));
  }
  return next === undefined ? present : next;
}
