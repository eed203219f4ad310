import type { Database } from "@tessera/database";

/**
 * Creates the kernel tables of this package and grants each module what it may do with them. Call after
 * `database.migrate` with the same modules and before `openBus`. One cheap query when nothing changed.
 */
export async function prepareEvents(_database: Database, _modules: readonly { readonly name: string }[]): Promise<void> {
  throw new Error("pending");
}
