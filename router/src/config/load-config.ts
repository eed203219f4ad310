/** Reads router.yaml: YAML → variables of the environment → schema → RouterConfig. */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ConfigProblem, type Problem } from "./config-problem.js";
import { type Environment, expandEnvironment, pointerOf } from "./expand-environment.js";
import { explainErrors } from "./explain-error.js";
import type { RouterConfig } from "./router-config.js";
import { routerSchema } from "./router-schema.js";
import { createCheck } from "./validate-config.js";
import { readYaml } from "./yaml-places.js";

export interface LoadedConfig {
  readonly config: RouterConfig;
  /** A problem with what stands at `path`, such as a subgraph the supergraph does not know. */
  problem(path: readonly (string | number)[], message: string, at?: "key" | "value"): Problem;
}

let check: ReturnType<typeof createCheck> | undefined;

/** @throws ConfigProblem with everything that is wrong; an error of the file system when the file cannot be read. */
export async function loadConfig(file: string, environment: Environment = process.env): Promise<LoadedConfig> {
  return readConfig({ file, content: await readFile(file, "utf8"), environment });
}

export interface ConfigText {
  /** Named in problems; relative paths start at its folder. */
  readonly file: string;
  readonly content: string;
  readonly environment: Environment;
}

/** @throws ConfigProblem */
export function readConfig({ file, content, environment }: ConfigText): LoadedConfig {
  const yaml = readYaml(file, content);
  if (yaml.syntaxProblems.length > 0) throw new ConfigProblem(yaml.syntaxProblems);
  const { value, expanded, missing } = expandEnvironment(yaml.value, environment);
  check ??= createCheck(routerSchema);
  const checked = check({ value, expanded, folder: dirname(resolve(file)) });
  // What a variable that does not exist would have meant says nothing.
  const unset = new Set(missing.map(({ path }) => pointerOf(path)));
  const telling = checked.errors.filter(({ instancePath }) => !unset.has(instancePath));
  const problems = [
    ...missing.map(({ path, message }) => yaml.problem(path, message)),
    ...explainErrors(telling, { schema: routerSchema, expanded }).map(({ path, message, at }) =>
      yaml.problem(path, message, at),
    ),
  ];
  if (problems.length > 0) throw new ConfigProblem(problems.sort(byPlace));
  return { config: checked.value as RouterConfig, problem: yaml.problem };
}

/** Without a file: every default. */
export const emptyConfig: LoadedConfig = {
  config: {},
  problem: (path, message) => ({ file: "(no configuration file)", key: path.join("."), message }),
};

const byPlace = (a: Problem, b: Problem): number => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
