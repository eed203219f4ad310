/** No answer, because of the connection. How far the request got decides whether it may be sent again. */

/**
 * - `unsent`: no byte of the request was written, so no subgraph can have acted on it.
 * - `unanswered`: written, and the connection ended before the first byte of an answer: perhaps the subgraph closed it while idle.
 * - `cut`: the answer ended in the middle.
 */
export type Progress = "unsent" | "unanswered" | "cut";

export class ConnectionFailure extends Error {
  readonly progress: Progress;

  constructor(progress: Progress, cause: Error) {
    super(cause.message, { cause });
    this.name = "ConnectionFailure";
    this.progress = progress;
  }
}
