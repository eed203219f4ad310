/** Opens the embedded database in the folder given and holds it until told to leave. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "../src/index.js";

const dataDir = process.argv[2] ?? "";
try {
  await openDatabase({ dataDir });
  const [pid] = (await readFile(join(dataDir, "data/postmaster.pid"), "utf8")).split("\n");
  process.send?.({ pid: Number(pid) });
} catch (error) {
  process.send?.({ error: String(error) });
}
process.on("message", () => process.exit(0));
