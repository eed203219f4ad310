/** Several operations in one request: run side by side, answered in their order. */
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import type { JsonText } from "../request/json-text.js";
import type { OperationRequest, Outcome, RunOperation } from "../request/outcome.js";
import type { RequestContext } from "../request/request-context.js";
import type { Exchange } from "./exchange.js";
import { checkParameters } from "./parameters.js";
import { type JsonType, refusalOf, type ThresholdBytes, takeHead, writeBody } from "./write-answer.js";

/** Section `batching`: several operations in one HTTP request. */
export interface BatchingOptions {
  /** Default 10. */
  readonly maxOperations?: number;
}

/** The files of one operation of the batch. */
export type FilesOf = (index: number) => OperationRequest["files"];

export interface BatchRequest {
  readonly exchange: Exchange;
  readonly context: RequestContext;
  readonly type: JsonType;
  readonly filesOf?: FilesOf | undefined;
}

export interface BatchRunnerOptions {
  readonly run: RunOperation;
  readonly log: Log;
  readonly batching?: BatchingOptions | false | undefined;
  readonly threshold: ThresholdBytes;
}

/** @throws RouterError BATCHING_NOT_SUPPORTED, BATCH_TOO_LARGE, INVALID_PARAMETER for the batch; what is wrong with one operation is its answer. */
export function createBatchRunner({ run, log, batching = {}, threshold }: BatchRunnerOptions) {
  const limit = batching === false ? 0 : (batching.maxOperations ?? 10);

  async function answerOne(body: unknown, index: number, { context, filesOf }: BatchRequest): Promise<JsonText> {
    // Cookies and headers of all operations go on the one answer there is.
    const own = { ...context };
    try {
      const operation = { ...checkParameters(body), files: filesOf?.(index) };
      return bodyOf(await run(operation, own, { mayStream: false, mayMutate: true }));
    } catch (error) {
      return refusalOf(error, context.facts.requestId, log).body;
    }
  }

  return async (operations: readonly unknown[], batch: BatchRequest): Promise<void> => {
    if (batching === false) throw new RouterError("BATCHING_NOT_SUPPORTED");
    if (operations.length === 0) {
      throw new RouterError("INVALID_PARAMETER", { parameter: "body", expected: "an array of at least one operation" });
    }
    if (operations.length > limit) throw new RouterError("BATCH_TOO_LARGE", { limit, count: operations.length });
    const answers = await Promise.all(operations.map((body, index) => answerOne(body, index, batch)));
    takeHead(batch.exchange, batch.context.head);
    await writeBody(
      batch.exchange,
      200,
      batch.type,
      { text: `[${answers.map(({ text }) => text).join(",")}]` },
      threshold,
    );
  };
}

function bodyOf(outcome: Outcome): JsonText {
  if (outcome.kind === "single") return outcome.answer.body;
  throw new RouterError("INTERNAL_SERVER_ERROR");
}
