/** What the tables of this module are made with. */
import { moduleSchema } from "@tessera/database";
import { customType, timestamp } from "drizzle-orm/pg-core";

type ModuleSchema = ReturnType<typeof moduleSchema>;
const calculator: ModuleSchema = moduleSchema("ghg-calculator");
export const tenantTable: ModuleSchema["tenantTable"] = calculator.tenantTable;
export const sharedTable: ModuleSchema["sharedTable"] = calculator.sharedTable;
export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
export const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
