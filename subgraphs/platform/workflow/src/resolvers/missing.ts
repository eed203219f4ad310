/** For rows that always exist while the one that names them does. */
export async function present<Row>(row: Promise<Row | null>): Promise<Row> {
  const found = await row;
  if (found === null) throw new Error("A row is missing that another one refers to.");
  return found;
}
