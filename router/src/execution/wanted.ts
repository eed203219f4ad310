/** The distinct entities one `_entities` field asks for, and the objects of the tree that show each. */
import type { EntityTarget } from "./compiled-call.js";
import type { Tree } from "./text/tree.js";
import type { Found } from "./walk.js";

export class Wanted implements Found {
  /** JSON texts of the representations. */
  readonly texts: string[] = [];
  /** For each representation the objects that show it. */
  readonly targets: Tree[][] = [];
  readonly #write: EntityTarget["write"];
  readonly #known = new Map<string, Tree[]>();

  constructor(write: EntityTarget["write"]) {
    this.#write = write;
  }

  /** Objects that lack a required field are left out: what made it null has been reported already. */
  add(object: Tree): void {
    const { key: keyOf, text: textOf } = this.#write;
    const key = keyOf(object);
    if (key === undefined) return;
    const known = this.#known.get(key);
    if (known) {
      known.push(object);
      return;
    }
    const text = keyOf === textOf ? key : textOf(object);
    if (text === undefined) return;
    const targets = [object];
    this.#known.set(key, targets);
    this.texts.push(text);
    this.targets.push(targets);
  }
}

export function wantedBy(target: EntityTarget, root: Tree): Wanted {
  const wanted = new Wanted(target.write);
  for (const { walk } of target.places) walk(root, wanted);
  return wanted;
}

/** Objects of a fetch that needs nothing of them: those of root types. */
export class FoundObjects implements Found {
  readonly objects: Tree[] = [];

  add(object: Tree): void {
    this.objects.push(object);
  }
}
