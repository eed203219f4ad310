/** What is wrong with a file the operator wrote, said so that it can be put right. */

export interface Problem {
  readonly file: string;
  /** Counted from 1; absent when the whole file is meant. */
  readonly line?: number;
  readonly column?: number;
  /** Such as `limits.depth` or `subgraphs.users.urls[1].weight`; absent when the whole file is meant. */
  readonly key?: string;
  /** What is wrong, and what to write instead. Never holds a value that came from the environment. */
  readonly message: string;
}

/** Everything that is wrong, at once. */
export class ConfigProblem extends Error {
  readonly code = "CONFIG_INVALID";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.name = "ConfigProblem";
    this.problems = problems;
  }
}

/** `router.yaml:12:3 limits.depht: there is no such key. Did you mean "depth"?` */
export function describeProblem({ file, line, column, key, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return key === undefined ? `${place} ${message}` : `${place} ${key}: ${message}`;
}
