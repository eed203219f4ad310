/** Installs the kernel tables and the rights of module roles on them. */
import { type Database, prepareKernelTables } from "@tessera/database";
import { grantsFor, steps } from "./kernel-tables.js";

const isGranted = `has_table_privilege(role::name, 'kernel.process_answer', 'insert')
  and has_schema_privilege(role::name, 'kernel', 'usage')`;

/**
 * Creates the kernel tables of this package and grants each module what it may do with them. Call after
 * `database.migrate` with the same modules and before `openProcesses`. Two cheap queries when nothing changed.
 */
export function prepareProcesses(
  database: Pick<Database, "admin">,
  modules: readonly { readonly name: string }[],
): Promise<void> {
  return prepareKernelTables(database, { name: "processes", steps, grantsFor, isGranted }, modules);
}
