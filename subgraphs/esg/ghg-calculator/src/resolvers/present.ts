import { errors } from "../errors.js";

/** A row another row names: it is there, or something went wrong that is worth an error. */
export async function present<Row>(row: Promise<Row | null>): Promise<Row> {
  const found = await row;
  if (found === null) throw errors.ROW_MISSING();
  return found;
}
