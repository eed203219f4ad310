import { text, uuid } from "drizzle-orm/pg-core";
import { moduleSchema } from "../../../src/index.js";

export const nests = moduleSchema("birds").tenantTable("nests", { id: uuid("id").primaryKey(), tree: text("tree") });
