import type { Database, DatabaseOptions } from "./contract.js";

/** Opens the database. */
export async function openDatabase(_options: DatabaseOptions = {}): Promise<Database> {
  throw new Error("openDatabase is not written yet");
}
