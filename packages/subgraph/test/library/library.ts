/** A small subgraph that uses what the kernel offers. */
import type { TenantDb } from "@tessera/database";
import { moduleSchema, newId, readById } from "@tessera/database";
import { react } from "@tessera/events";
import { defineEvent } from "@tessera/shared-types";
import { numeric, text, uuid } from "drizzle-orm/pg-core";
import { z } from "zod";
import { type Context, defineErrors, defineSubgraph } from "../../src/index.js";

const { schema, tenantTable } = moduleSchema("library");
export const books = tenantTable("book", {
  id: uuid("id").primaryKey(),
  title: text("title").notNull(),
  price: numeric("price"),
  sequelId: uuid("sequel_id"),
});
export type Book = typeof books.$inferSelect;

export const bookAdded = defineEvent("library.book.added", 1, z.object({ bookId: z.string(), title: z.string() }));
export const reviewWritten = defineEvent("library.review.written", 1, z.object({ title: z.string() }));
export const errors = defineErrors("library", { TITLE_EMPTY: 'A title needs letters; got "{title}".' });

/** A book that can be added once: what two people do at the same moment, one after the other. */
export const taken = { id: newId(), title: "Taken" };

export const batches: number[] = [];
const read = readById(books);
function booksById(db: TenantDb, ids: readonly string[]): Promise<(Book | null)[]> {
  batches.push(ids.length);
  return read(db, ids);
}

async function addBook(context: Context, { title, price }: { title: string; price?: string }): Promise<Book> {
  if (title.trim() === "") throw errors.TITLE_EMPTY({ title });
  return context.transaction(async (tx) => {
    const [book] = await tx
      .insert(books)
      .values({ id: title === taken.title ? taken.id : newId(), title, price: price ?? null })
      .returning();
    if (!book) throw new Error("insert returned nothing");
    tx.publish(bookAdded, { aggregateId: book.id, payload: { bookId: book.id, title } });
    if (title === "fails after publishing") throw new Error("secret detail of the database");
    return book;
  });
}

export default defineSubgraph({
  name: "library",
  suite: "test",
  root: new URL("./", import.meta.url),
  entities: { Book: booksById },
  tables: { schema, books },
  publishes: [bookAdded],
  reactions: [
    react(reviewWritten, async (context: Context, { title }) => {
      await addBook(context, { title });
    }),
  ],
  resolvers: {
    Query: {
      motto: () => "read on",
      whoAmI: (_: unknown, __: unknown, context: Context) => context.actor?.id,
      book: (_: unknown, { id }: { id: string }, context: Context) => context.load(booksById, id),
      failing: () => {
        throw new Error("secret detail of the database");
      },
      shelf: (_: unknown, { projectId }: { projectId: string }) => projectId,
    },
    Mutation: { addBook: (_: unknown, input: { title: string }, context: Context) => addBook(context, input) },
    Subscription: {
      bookAdded: {
        subscribe: (_: unknown, __: unknown, context: Context) => context.live(bookAdded),
        resolve: (event: { payload: { bookId: string } }, _: unknown, context: Context) =>
          context.load(booksById, event.payload.bookId),
      },
    },
    Book: {
      sequel: (book: Book, _: unknown, context: Context) =>
        book.sequelId ? context.load(booksById, book.sequelId) : null,
    },
    Organization: { shelfMark: () => "A1" },
  },
});
