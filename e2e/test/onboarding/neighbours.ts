/** Modules that the onboarding of customers calls, as small as they can be: each keeps what it was told in its own tables. */
import { moduleSchema, newId } from "@tessera/database";
import { type Context, defineErrors, defineSubgraph, type Subgraph } from "@tessera/subgraph";
import { eq } from "drizzle-orm";
import { text, uuid } from "drizzle-orm/pg-core";

const errors = defineErrors("neighbour", { REFUSED: "{module} refuses {name}." });

/** A module whose one kind of thing is made by an operation, and unmade by another one if there is one. */
function neighbour(name: string, makes: string, unmakes: string | null): Subgraph {
  const { tenantTable } = moduleSchema(name);
  const things = tenantTable("thing", {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    key: text("key").notNull(),
    state: text("state").notNull(),
  });
  type Make = { customer?: string; name?: string; idempotencyKey: string };
  const make = async (_: unknown, { customer, name: given, idempotencyKey: key }: Make, context: Context) => {
    const title = customer ?? given ?? "";
    if (title.includes(`without ${name}`)) throw errors.REFUSED({ module: name, name: title });
    const row = { id: newId(), name: title, key, state: "THERE" };
    await context.transaction((tx) => tx.insert(things).values(row));
    return row;
  };
  const unmake = async (_: unknown, { id }: { id: string }, context: Context) => {
    await context.transaction((tx) => tx.update(things).set({ state: "GONE" }).where(eq(things.id, id)));
    return { id };
  };
  return defineSubgraph({
    name,
    suite: "platform",
    root: new URL(`./${name}/`, import.meta.url),
    resolvers: {
      Query: { [`${name}Things`]: (_: unknown, __: unknown, { db }: Context) => db.select().from(things) },
      Mutation: { [makes]: make, ...(unmakes === null ? {} : { [unmakes]: unmake }) },
    },
    tables: { things },
  });
}

export const neighbours = [
  neighbour("billing", "createSubscription", "cancelSubscription"),
  neighbour("security", "provisionTenant", "deprovisionTenant"),
  neighbour("notifications", "sendWelcome", null),
];
