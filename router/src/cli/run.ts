/** `npm run router`: from the command line to a router that runs until a signal. */
import { ConfigProblem } from "../config/config-problem.js";
import { printSchema } from "../config/router-schema.js";
import { HooksProblem } from "../hooks/load-hooks.js";
import { FileProblem, type RouterFiles, readFiles } from "./read-files.js";
import { SupergraphProblem } from "./supergraph-file.js";
import { exitCodes, helpText, readUsage, UsageProblem } from "./usage.js";

export interface Terminal {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Takes what is to be done at SIGTERM and SIGINT. */
  readonly onStop: (stop: () => void) => void;
  /** Takes what is to be done at SIGHUP. */
  readonly onReload: (reload: () => void) => void;
}

/** Resolves with the exit code: at once, or for a router that has been started when it has stopped. */
export async function runRouter(terminal: Terminal): Promise<number> {
  try {
    return await run(terminal);
  } catch (error) {
    const { code, text } = describe(error);
    terminal.complain(text);
    return code;
  }
}

async function run(terminal: Terminal): Promise<number> {
  const usage = readUsage(terminal.args);
  if (usage.help) return saying(terminal, helpText);
  if (usage.printSchema) return saying(terminal, printSchema().trimEnd());
  const files = await readFiles(usage, terminal.env);
  if (usage.check) return saying(terminal, await checked(files));
  // What serves is loaded only when something is served.
  const { serve } = await import("./serve.js");
  await serve({ files, readAgain: () => readFiles(usage, terminal.env) }, terminal);
  return exitCodes.done;
}

function saying({ say }: Terminal, text: string): number {
  say(text);
  return exitCodes.done;
}

async function checked({ supergraph, supergraphFile, configFile }: RouterFiles): Promise<string> {
  const { buildSupergraph } = await import("../supergraph/supergraph.js");
  try {
    buildSupergraph(supergraph.sdl);
  } catch (error) {
    throw new SupergraphProblem(supergraphFile, `cannot be served: ${(error as Error).message}`);
  }
  const names = supergraph.subgraphs.map(({ name }) => name).join(", ");
  const config = configFile === null ? "No configuration file: every default holds." : `${configFile} is valid.`;
  return `${config}\n${supergraphFile} is a supergraph of ${supergraph.subgraphs.length} subgraphs: ${names}.`;
}

function describe(error: unknown): { readonly code: number; readonly text: string } {
  if (error instanceof UsageProblem) return { code: exitCodes.usage, text: error.message };
  if (error instanceof ConfigProblem) return { code: exitCodes.files, text: error.message };
  if (error instanceof SupergraphProblem || error instanceof FileProblem || error instanceof HooksProblem) {
    return { code: exitCodes.files, text: error.message };
  }
  const sentence = addressSentence(error as NodeJS.ErrnoException & { readonly port?: number; address?: string });
  if (sentence !== null) return { code: exitCodes.address, text: sentence };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: exitCodes.failed, text: `Unexpected failure: ${text}` };
}

function addressSentence(error: NodeJS.ErrnoException & { port?: number; address?: string }): string | null {
  const place = `${error.address ?? "every interface"}, port ${error.port}`;
  if (error.syscall === "getaddrinfo") return "The host cannot be found: check --host.";
  if (error.syscall !== "listen") return null;
  if (error.code === "EADDRINUSE")
    return `Port ${error.port} is taken: stop what listens there, or choose another with --port.`;
  if (error.code === "EACCES")
    return `This user may not listen on port ${error.port}: choose one above 1023 with --port.`;
  if (error.code === "EADDRNOTAVAIL") return `This machine has no such address (${place}): check --host.`;
  return null;
}
