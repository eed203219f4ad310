/** Pages of a ranked list of ids, where the order is not one the database could continue. */
import type { Connection, PageArguments } from "@tessera/database";
import { errors } from "../errors.js";

const defaultSize = 25;
const largestSize = 200;

/** A cursor names the row it stands at. @throws INVALID_PAGE for a size out of range or a cursor of another list */
export async function pageOfList<Row>(
  ids: readonly string[],
  { first, after }: PageArguments,
  read: (ids: readonly string[]) => Promise<readonly (Row | null)[]>,
): Promise<Connection<Row>> {
  const size = first ?? defaultSize;
  if (size < 0 || size > largestSize) throw errors.INVALID_PAGE({ most: largestSize });
  const start = after ? ids.indexOf(Buffer.from(after, "base64url").toString()) + 1 : 0;
  if (after && start === 0) throw errors.INVALID_PAGE({ most: largestSize });
  const wanted = ids.slice(start, start + size);
  const rows = wanted.length > 0 ? await read(wanted) : [];
  const edges = wanted.flatMap((id, index) => {
    const node = rows[index] ?? null;
    return node === null ? [] : [{ cursor: Buffer.from(id).toString("base64url"), node }];
  });
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: start + size < ids.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => Promise.resolve(ids.length),
  };
}
