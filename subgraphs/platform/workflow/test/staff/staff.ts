/** Who works where, as far as this module asks about it: the part of `identity` that it uses, on a table of its own. */
import { type Database, inKeyOrder, moduleSchema, newId, type TenantDb } from "@tessera/database";
import { type Context, defineSubgraph } from "@tessera/subgraph";
import type { Person } from "@tessera/testkit";
import { and, inArray, isNull } from "drizzle-orm";
import { timestamp, uuid } from "drizzle-orm/pg-core";

const { tenantTable } = moduleSchema("staff");
const members = tenantTable("member", {
  id: uuid("id").primaryKey(),
  userId: uuid("user_id").notNull(),
  leftAt: timestamp("left_at", { withTimezone: true }),
});

async function peopleById(db: TenantDb, ids: readonly string[]) {
  const rows = await db
    .select()
    .from(members)
    .where(inArray(members.userId, [...ids]));
  return inKeyOrder(ids, rows, ({ userId }) => userId).map((row) => row && { id: row.userId });
}

async function membershipsOf(db: TenantDb, userIds: readonly string[]) {
  const here = and(inArray(members.userId, [...userIds]), isNull(members.leftAt));
  return inKeyOrder(userIds, await db.select().from(members).where(here), ({ userId }) => userId);
}

async function membershipsById(db: TenantDb, ids: readonly string[]) {
  return inKeyOrder(
    ids,
    await db
      .select()
      .from(members)
      .where(inArray(members.id, [...ids])),
    ({ id }) => id,
  );
}

export const staff = defineSubgraph({
  name: "staff",
  suite: "sample",
  root: new URL(".", import.meta.url),
  resolvers: {
    Query: { user: (_: unknown, { id }: { id: string }, ctx: Context) => ctx.load(peopleById, id) },
    User: { membership: ({ id }: { id: string }, _: unknown, ctx: Context) => ctx.load(membershipsOf, id) },
  },
  entities: { User: peopleById, Membership: membershipsById },
  tables: { members },
});

type Somebody = Pick<Person, "id" | "tenantId">;

/** From now on they work in their organization. */
export async function hire({ admin }: Database, ...people: readonly Somebody[]): Promise<void> {
  const rows = people.map(({ id, tenantId }) => ({ id: newId(), user_id: id, tenant_id: tenantId }));
  await admin`insert into staff.member ${admin(rows)}`;
}

/** Somebody who left is still known by name. */
export async function dismiss({ admin }: Database, { id, tenantId }: Somebody): Promise<void> {
  await admin`update staff.member set left_at = now() where user_id = ${id} and tenant_id = ${tenantId}`;
}
