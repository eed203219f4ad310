/** How calls to one subgraph are bounded, repeated and spread. What is not configured is not there and costs nothing. */
import type { ConnectionOptions } from "../wire/instance-pool.js";

export interface SubgraphTraffic extends ConnectionOptions {
  /** Milliseconds one attempt may take. Default: as long as the request's deadline, which bounds it in any case. */
  readonly timeoutMs?: number;
  /** Bytes of one answer, decompressed. Default 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** Ask the subgraph to compress its answers (gzip, brotli, deflate): for slow lines only. Default false. */
  readonly compressedAnswers?: boolean;
}

export const defaultMaxAnswerBytes = 64 * 1024 * 1024;
