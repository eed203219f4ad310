/** Reads and checks the files the command line names. Nothing is started here, so `--check` and a reload use it too. */
import { resolve } from "node:path";
import { ConfigProblem, type Problem } from "../config/config-problem.js";
import { emptyConfig, type LoadedConfig, loadConfig } from "../config/load-config.js";
import type { RouterConfig } from "../config/router-config.js";
import { configOf } from "../config/subgraph-config.js";
import { unknownSubgraphs } from "../config/unknown-subgraphs.js";
import { readSupergraph, type SupergraphFile } from "./supergraph-file.js";
import { readPort, type Usage, UsageProblem } from "./usage.js";

export interface RouterFiles {
  readonly config: RouterConfig;
  readonly supergraph: SupergraphFile;
  /** Absolute paths: what a change of has to be noticed. */
  readonly supergraphFile: string;
  readonly configFile: string | null;
}

/** A file the command line names cannot be read. */
export class FileProblem extends Error {
  override readonly name = "FileProblem";
}

/** @throws UsageProblem, FileProblem, ConfigProblem, SupergraphProblem */
export async function readFiles(usage: Usage, environment: NodeJS.ProcessEnv): Promise<RouterFiles> {
  const configFile = usage.config === undefined ? null : resolve(usage.config);
  const loaded =
    configFile === null
      ? emptyConfig
      : await reading(configFile, "--config", () => loadConfig(configFile, environment));
  const named = usage.supergraph ?? loaded.config.supergraph?.file;
  if (named === undefined) {
    throw new UsageProblem("Say which supergraph to serve: --supergraph FILE. See: npm run router -- --help");
  }
  const supergraphFile = resolve(named);
  const supergraph = await reading(supergraphFile, "--supergraph", () => readSupergraph(supergraphFile));
  const problems = [...unknownSubgraphs(loaded, namesOf(supergraph)), ...lostSubgraphs(loaded, supergraph)];
  if (problems.length > 0) throw new ConfigProblem(problems);
  return { config: withUsage(loaded.config, usage, environment), supergraph, supergraphFile, configFile };
}

const namesOf = ({ subgraphs }: SupergraphFile): string[] => subgraphs.map(({ name }) => name);

async function reading<T>(file: string, option: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const sentence = fileSentences[(error as NodeJS.ErrnoException).code ?? ""];
    throw sentence ? new FileProblem(`${file} ${sentence} (${option})`) : error;
  }
}

const fileSentences: Readonly<Record<string, string>> = {
  ENOENT: "does not exist.",
  EISDIR: "is a folder, not a file.",
  ENOTDIR: "does not exist.",
  EACCES: "may not be read by this user.",
  EPERM: "may not be read by this user.",
};

/** Subgraphs nobody says the address of. */
function lostSubgraphs({ config, problem }: LoadedConfig, { subgraphs }: SupergraphFile): Problem[] {
  return subgraphs.flatMap(({ name, url: composed }) => {
    const { url, urls } = configOf(name, config);
    const path = ["subgraphs", name];
    if (url !== undefined && urls !== undefined) return [problem(path, "url and urls exclude each other.")];
    if (urls !== undefined || URL.canParse(url ?? composed)) return [];
    return [problem(path, "the supergraph has no address for it. Write url: http://host:port/graphql")];
  });
}

/** The command line comes first, then the file, then the environment. */
function withUsage(config: RouterConfig, usage: Usage, { PORT, HOST }: NodeJS.ProcessEnv): RouterConfig {
  const port = usage.port ?? config.server?.port ?? (PORT ? readPort("PORT", PORT) : undefined);
  const host = usage.host ?? config.server?.host ?? (HOST || undefined);
  const server = { ...config.server, ...(port === undefined ? {} : { port }), ...(host ? { host } : {}) };
  return { ...config, server, ...(usage.development ? { development: true } : {}) };
}
