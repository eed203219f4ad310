/** Where the code of the expression thread is: a file of the build, or made on the fly from TypeScript sources. */
import { readFileSync } from "node:fs";

export interface ThreadScript {
  readonly script: URL | string;
  /** `script` is the code itself. */
  readonly isCode: boolean;
}

const isSource = import.meta.url.endsWith(".ts");
let made: Promise<ThreadScript> | undefined;

export function threadScript(): Promise<ThreadScript> {
  made ??= isSource
    ? compileSource()
    : Promise.resolve({ script: new URL("./expression-thread.js", import.meta.url), isCode: false });
  return made;
}

/** Threads know nothing of the tool that runs the sources, so they get JavaScript. Only tests come here. */
async function compileSource(): Promise<ThreadScript> {
  const { transform } = await import("esbuild");
  const source = readFileSync(new URL("./expression-thread.ts", import.meta.url), "utf8");
  const { code } = await transform(source, { loader: "ts", format: "cjs", target: "node20" });
  // Packages are found from here, not from the directory the process was started in.
  const find = `require("node:module").createRequire(${JSON.stringify(import.meta.url)})`;
  return { script: `((require) => {${code}})(${find});`, isCode: true };
}
