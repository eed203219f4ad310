/** How large an operation may be, before anything is executed. */
export interface Limits {
  /** Bytes of a request body. Default 12 MiB, because files are imported as base64. */
  readonly bodyBytes: number;
  /** Tokens of an operation's text. Default 5,000. */
  readonly tokens: number;
  /** Levels of nested fields; introspection does not count. Default 15. */
  readonly depth: number;
  /** Aliases in one operation, fragments expanded. Default 100. */
  readonly aliases: number;
  /** Root fields of one operation, fragments expanded. Default 50. */
  readonly rootFields: number;
  /** Operations that run at the same time on one WebSocket. Default 100. */
  readonly operationsPerSocket: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 12 * 1024 * 1024,
  tokens: 5_000,
  depth: 15,
  aliases: 100,
  rootFields: 50,
  operationsPerSocket: 100,
};
