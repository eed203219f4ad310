/** The objects deferred parts belong to: one for each item of a list, and none where the client has seen null. */
import { fromJson, type JsonText } from "../request/json-text.js";
import type { CompiledPart } from "./compiled-parts.js";
import { keysOf } from "./path-steps.js";
import type { Run } from "./run.js";
import type { Tree } from "./text/tree.js";
import { placesAt, type ResponsePath } from "./walk.js";

export interface PartPlace {
  readonly object: Tree;
  /** As the client knows it. */
  readonly path: ResponsePath;
}

export class PartPlaces {
  readonly #run: Run;
  readonly #parts: readonly CompiledPart[];
  /** By part and path, what went out: the values where something may have become null, otherwise nothing. */
  readonly #shown = new Map<string, { readonly value: unknown } | null>();
  readonly #ids = new Map<string, string>();

  constructor(run: Run, parts: readonly CompiledPart[]) {
    this.#run = run;
    this.#parts = parts;
  }

  show(part: CompiledPart, path: ResponsePath, data: JsonText, hasErrors: boolean): void {
    this.#shown.set(keyOf(part.index, path), hasErrors ? { value: fromJson(data.text) } : null);
  }

  of(part: CompiledPart): PartPlace[] {
    const { root, names, responseNames } = this.#run;
    const places: PartPlace[] = [];
    placesAt(root, part.path, names, (object, at) => {
      const path = at.map((key) => (Object.hasOwn(responseNames, key) ? (responseNames[key] ?? key) : key));
      if (this.#isShown(part, path)) places.push({ object, path });
    });
    return places;
  }

  /** Different for each part and path. */
  idOf({ index }: CompiledPart, path: ResponsePath): string {
    const key = keyOf(index, path);
    const id = this.#ids.get(key) ?? String(this.#ids.size);
    this.#ids.set(key, id);
    return id;
  }

  /** Whether the part it belongs to has shown the object. */
  #isShown(part: CompiledPart, path: ResponsePath): boolean {
    const parent = this.#parts[part.parent ?? 0];
    if (!parent) return false;
    const length = lengthOf(path, keysOf(parent.path).length);
    const shown = this.#shown.get(keyOf(parent.index, path.slice(0, length)));
    if (shown === undefined) return false;
    if (shown === null) return true;
    let value = shown.value;
    for (const key of path.slice(length))
      value = (value as Readonly<Record<string | number, unknown>> | null | undefined)?.[key];
    return value !== null && value !== undefined;
  }
}

/** How much of a path so many response keys take, with the positions in lists that follow them. */
function lengthOf(path: ResponsePath, keys: number): number {
  let left = keys;
  for (let index = 0; index < path.length; index++) {
    if (typeof path[index] === "number") continue;
    if (left === 0) return index;
    left -= 1;
  }
  return path.length;
}

function keyOf(part: number, path: ResponsePath): string {
  return JSON.stringify([part, ...path]);
}
