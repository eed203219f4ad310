/** What went wrong at the start, as one sentence for the person at the keyboard. */

/** Something the person who started the program can put right; its message says how. */
export class LaunchProblem extends Error {
  override readonly name = "LaunchProblem";
}

const systemSentences: Readonly<Record<string, (error: NodeJS.ErrnoException) => string>> = {
  EACCES: ({ path }) =>
    `There is no permission for ${path ?? "a file"}: give it to this user, or choose another folder with --data.`,
  EPERM: ({ path }) =>
    `There is no permission for ${path ?? "a file"}: give it to this user, or choose another folder with --data.`,
  EROFS: ({ path }) => `${path ?? "The data folder"} is on a read-only file system: choose another folder with --data.`,
  ENOSPC: () => "The disk is full: make room, then start again.",
  DATA_DIR_IN_USE: (error) =>
    `Another start${processOf(error)} uses this data folder: stop it first, or choose another folder with --data.`,
};

function processOf(error: NodeJS.ErrnoException & { details?: { pid?: number } }): string {
  return error.details?.pid === undefined ? "" : ` (process ${error.details.pid})`;
}

/** The sentence for an error whose cause the person can remove, `null` for one that is a defect of ours. */
export function sentenceFor(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof LaunchProblem) return error.message;
  if (code === undefined) return null;
  const system = systemSentences[code];
  if (system) return system(error as NodeJS.ErrnoException);
  // The kernel's coded errors are written for people; Node's own codes with an underscore are not.
  return /^[A-Z]+(_[A-Z]+)+$/.test(code) && !code.startsWith("ERR_") ? error.message : null;
}

/** The sentence, or for a defect the stack that helps to report it. */
export function describeFailure(error: unknown): string {
  const sentence = sentenceFor(error);
  if (sentence !== null) return sentence;
  return error instanceof Error
    ? `Unexpected failure: ${error.stack ?? error.message}`
    : `Unexpected failure: ${String(error)}`;
}
