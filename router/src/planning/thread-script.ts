/** Where the code of a planning thread is: a file of the build, or made on the fly from TypeScript sources. */

export interface ThreadScript {
  readonly script: URL | string;
  /** `script` is the code itself. */
  readonly isCode: boolean;
}

const isSource = import.meta.url.endsWith(".ts");
let made: Promise<ThreadScript> | undefined;

export function threadScript(): Promise<ThreadScript> {
  made ??= isSource
    ? bundleSource()
    : Promise.resolve({ script: new URL("./planning-thread.js", import.meta.url), isCode: false });
  return made;
}

/** Threads know nothing of the tool that runs the sources, so they get JavaScript. Only tests come here. */
async function bundleSource(): Promise<ThreadScript> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [new URL("./planning-thread.ts", import.meta.url).pathname],
    bundle: true,
    packages: "external",
    format: "cjs",
    platform: "node",
    target: "node20",
    write: false,
    sourcemap: "inline",
    // Packages are found from here, not from the directory the process was started in.
    define: { "import.meta.url": JSON.stringify(import.meta.url) },
    banner: {
      js: `((require) => {`,
    },
    footer: { js: `})(require("node:module").createRequire(${JSON.stringify(import.meta.url)}));` },
    logLevel: "silent",
  });
  return { script: outputFiles[0]?.text ?? "", isCode: true };
}
