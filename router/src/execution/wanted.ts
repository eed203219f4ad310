/** The distinct entities one `_entities` field asks for, and the objects of the tree that show them. */
import { TextList } from "../subgraphs/text-list.js";
import type { EntityTarget } from "./compiled-call.js";
import type { Tree } from "./text/tree.js";
import type { Found } from "./walk.js";

export class Wanted implements Found {
  /** JSON texts of the representations. */
  readonly texts = new TextList();
  readonly objects: Tree[] = [];
  /** Of each object the number of its representation. Numbers rise in the order in which they come first. */
  readonly numbers: number[] = [];
  readonly #write: EntityTarget["write"];
  #known = new Map<string, number>();

  constructor(write: EntityTarget["write"]) {
    this.#write = write;
  }

  /** Objects that lack a required field are left out: what made it null has been reported already. */
  add(object: Tree): void {
    const { key: keyOf, text: textOf } = this.#write;
    const key = keyOf(object);
    if (key === undefined) return;
    let number = this.#known.get(key);
    if (number === undefined) {
      const text = keyOf === textOf ? key : textOf(object);
      if (text === undefined) return;
      number = this.texts.length;
      this.#known.set(key, number);
      this.texts.add(text);
    }
    this.objects.push(object);
    this.numbers.push(number);
  }

  /** After the last object: what is not needed while the subgraph is awaited goes. */
  close(): this {
    this.#known = new Map();
    this.texts.flatten();
    return this;
  }
}

export function wantedBy(target: EntityTarget, root: Tree): Wanted {
  const wanted = new Wanted(target.write);
  for (const { walk } of target.places) walk(root, wanted);
  return wanted.close();
}

/** Objects of a fetch that needs nothing of them: those of root types. */
export class FoundObjects implements Found {
  readonly objects: Tree[] = [];

  add(object: Tree): void {
    this.objects.push(object);
  }
}
