/** Installs the kernel tables and the rights of module roles on them. */
import { type Database, prepareKernelTables } from "@tessera/database";
import { grantsFor, steps } from "./kernel-tables.js";

const isGranted = `has_column_privilege(role::name, 'kernel.parked', 'mark', 'select')
  and has_schema_privilege(role::name, 'kernel', 'usage')`;

/**
 * Creates the kernel tables of this package and grants each module what it may do with them. Call after
 * `database.migrate` with the same modules and before `openBus`. Two cheap queries when nothing changed.
 */
export function prepareEvents(
  database: Pick<Database, "admin">,
  modules: readonly { readonly name: string }[],
): Promise<void> {
  return prepareKernelTables(database, { name: "events", steps, grantsFor, isGranted }, modules);
}
