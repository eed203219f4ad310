/** What goes between the process and the thread in which expressions are evaluated. Values travel as JSON text. */

export interface EvaluateRequest {
  readonly kind: "evaluate";
  readonly expression: string;
  /** An object, by the names of the variables. */
  readonly bindings: string;
}
export interface CheckRequest {
  readonly kind: "check";
  /** A JSON Schema (2020-12). */
  readonly schema: string;
  readonly value: string;
}
export type ToThread = EvaluateRequest | CheckRequest;

export type FromThread =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly value: string }
  | { readonly kind: "failed"; readonly reason: string; readonly because: "failed" | "time" | "size" };

export interface ThreadLimits {
  /** Of an evaluation by itself; the thread is stopped a little later when that does not help. */
  readonly milliseconds: number;
  /** Nodes of the expression that are evaluated, each time they are. */
  readonly steps: number;
  /** Calls within each other. */
  readonly depth: number;
  readonly listItems: number;
  /** Of the result as JSON. */
  readonly resultCharacters: number;
}
