/** Databases of three modules that have no tables of their own. */
import { type Database, type ModuleTables, openDatabase } from "@tessera/database";
import { createTestDatabase } from "@tessera/database/testing";

export const modules: readonly ModuleTables[] = ["ledger", "mail-room", "archive"].map((name) => ({
  name,
  migrations: new URL(`./no-migrations/${name}/`, import.meta.url),
  tables: {},
}));

export const createDatabase = (): Promise<Database> => createTestDatabase(modules, { maxWaiting: 2000 });
/** From another process. */
export const connectDatabase = (url: string): Promise<Database> => openDatabase({ url, maxWaiting: 2000 });
