export type { Cache } from "./cache/contract.js";
export { openCache } from "./cache/open-cache.js";
export type { Database, DatabaseOptions, ModuleDatabase, ModuleTables, Scope, TenantDb } from "./contract.js";
export { openDatabase } from "./database.js";
export { DatabaseError, type DatabaseErrorCode } from "./errors.js";
export { groupByKey, inKeyOrder, newId } from "./keys.js";
export { type Connection, type OrderBy, type PageArguments, paginate } from "./paginate.js";
export { readById } from "./read-by-id.js";
export { type ModuleSchema, moduleSchema } from "./tables.js";
