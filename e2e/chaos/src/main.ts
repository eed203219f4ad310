/** `npm run chaos` */
import { help, readOptions } from "./options.js";
import { runChaos } from "./run.js";

/** @returns the exit code */
export async function main(args: readonly string[], root: string): Promise<number> {
  const began = Date.now();
  const log = (line: string): void => console.log(`${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`);
  try {
    const options = readOptions(args, root);
    if (!options) return console.log(help.trim()) ?? 0;
    // Servers end with this program, and Redis when it exits in order.
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
    const { holds, report, folder } = await runChaos(root, { ...options, log });
    console.log(`\n${report}\nEvidence: ${folder}`);
    return holds ? 0 : 1;
  } catch (error) {
    const asked = error instanceof RangeError || String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");
    console.error(asked ? (error as Error).message : error);
    return 2;
  }
}
