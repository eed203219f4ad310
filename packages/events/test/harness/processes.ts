/** Real child processes that run `child.ts`. */
import { type Child, childProgram } from "@tessera/database/testing";
import type { ChildOptions } from "./child.js";

export type { Child };
export const { start: startChild, remove: removeProgram } = childProgram<ChildOptions>(
  new URL("./child.ts", import.meta.url),
);
