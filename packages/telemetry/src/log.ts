/** Structured logs by pino: JSON for machines, lines for a person at a terminal, secrets in neither. */
import { type Bindings, type ChildLoggerOptions, type Logger, pino } from "pino";
import { readableLines } from "./readable-lines.js";
import { redact, redactRecord } from "./redaction.js";

export type Log = Logger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

interface LogOptions {
  readonly service: string;
  readonly level?: LogLevel;
  readonly format?: "json" | "readable";
  readonly destination?: { write(line: string): void };
}

export function createLog(options: LogOptions): Log {
  const destination = options.destination ?? process.stdout;
  const format = options.format ?? (options.destination === undefined && process.stdout.isTTY ? "readable" : "json");
  const log = pino(
    {
      level: options.level ?? process.env.LOG_LEVEL ?? "info",
      base: { service: options.service },
      formatters: { log: redactRecord },
      serializers: { err: (error: unknown) => redact({ ...pino.stdSerializers.err(error as Error) }) },
    },
    format === "readable" ? readableLines(destination, options.destination === undefined) : destination,
  );
  return withRedactedChildren(log);
}

/** pino formats the bindings of a child by itself, so they are cleaned before; grandchildren inherit the function. */
function withRedactedChildren(log: Log): Log {
  const { child } = log;
  log.child = function <Levels extends string>(this: Log, bindings: Bindings, options?: ChildLoggerOptions<Levels>) {
    return Reflect.apply(child, this, [redactRecord(bindings), options]);
  };
  return log;
}
