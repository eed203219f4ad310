/** What judging one case of a writer's against one place of a reader's needs. */
import type { Case } from "./cases.js";
import type { Node } from "./node.js";

export type TypedCase = Exclude<Case, { type: "values" }>;

export interface Judge {
  /** What the writing schema is called. */
  readonly writer: string;
  /** `message` goes on after "the newer schema". */
  refuse(pointer: string, message: string): void;
  /** Neither proven nor disproven. */
  cannotJudge(pointer: string, message: string): void;
  /** One level down in the payload: everything `written` allows there has to be within `wanted`. */
  within(step: string | number, written: readonly Node[], wanted: Node): void;
  /** The names of properties, as texts. */
  withinNames(written: readonly Node[], wanted: Node): void;
  isImpossible(written: readonly Node[]): boolean;
}

/** Pointer to the first of `keywords` that the schema has, otherwise to the schema itself. */
export function at(node: Node, ...keywords: string[]): string {
  const found = keywords.find((keyword) => keyword in node.keywords);
  return found === undefined ? node.pointer : `${node.pointer}/${found}`;
}
