/**
 * One connection. Each has a postgres.js client of its own (`max: 1`), which lives exactly as long as its socket: a
 * client that may reconnect by itself would continue a broken transaction outside of it.
 */
import postgres from "postgres";
import { clientOptions, type Target } from "./connection-url.js";
import { isConnectionLoss } from "./refusals.js";
import { parsers, toWire } from "./wire-values.js";

export type Shape = "rows" | "values";
export type Rows = postgres.RowList<postgres.Row[]>;

export interface Line {
  readonly alive: boolean;
  readonly openedAt: number;
  /** Sends a statement behind those already sent, without waiting for them. */
  send(text: string, parameters: readonly unknown[], shape?: Shape): Promise<Rows>;
  /** Sends begin, commit and the like: never anything that came from outside. */
  command(text: string): Promise<Rows>;
  /** Asks the server to cancel what it runs for this connection; resolves when the request has been delivered. */
  cancel(): Promise<void>;
  end(): void;
}

/** Statements worth preparing: those seen before. The bound keeps lists of varying length from filling the server. */
const seen = new Map<string, boolean>();
const preparedAtMost = 500;
let preparedCount = 0;
const rememberedAtMost = 5000;

function worthPreparing(text: string): boolean {
  const known = seen.get(text);
  if (known !== undefined) {
    if (!known && preparedCount < preparedAtMost) {
      preparedCount += 1;
      seen.set(text, true);
      return true;
    }
    return known;
  }
  if (seen.size < rememberedAtMost) seen.set(text, false);
  return false;
}

type Query = postgres.PendingQuery<postgres.Row[]> & {
  /** What `cancel()` of postgres.js calls; only this can be called again and says when the request has been delivered. */
  readonly canceller?: (query: Query) => Promise<void>;
};

export async function openLine(target: Target): Promise<Line> {
  const running = new Set<Query>();
  let alive = true;
  let lost = () => {};
  const gone = new Promise<void>((resolve) => {
    lost = resolve;
  });
  const client = newClient(target, () => {
    alive = false;
    lost();
  });
  const dispatch = async (query: Query, shape: Shape): Promise<Rows> => {
    if (!alive) throw Object.assign(new Error("The connection is closed."), { code: "CONNECTION_CLOSED" });
    running.add(query);
    try {
      return (await (shape === "values" ? query.values() : query)) as Rows;
    } catch (error) {
      // The socket may not have closed yet; nothing must be sent on it any more.
      if (isConnectionLoss(error)) alive = false;
      throw error;
    } finally {
      running.delete(query);
    }
  };
  const command = (text: string) => dispatch(client.unsafe<postgres.Row[]>(text).simple(), "rows");
  const line: Line = {
    get alive() {
      return alive;
    },
    openedAt: Date.now(),
    command,
    send: async (text, parameters, shape = "rows") => {
      const prepare = worthPreparing(text);
      const options: postgres.UnsafeQueryOptions & { simple: boolean } = { prepare, simple: false };
      const query: Query = client.unsafe(text, parameters.map(toWire) as never[], options);
      sendAtOnce(query);
      return dispatch(query, shape);
    },
    // Replies come in the order of the statements, so the oldest one without a reply is the one that runs.
    cancel: async () => {
      const [oldest] = running;
      await Promise.race([oldest?.canceller?.(oldest), gone]);
    },
    end: () => {
      alive = false;
      void client.end({ timeout: 1 }).catch(() => {});
    },
  };
  try {
    await command("select 1");
    return line;
  } catch (error) {
    line.end();
    throw error;
  }
}

function newClient(target: Target, onclose: () => void): postgres.Sql {
  const client = postgres({ ...clientOptions(target, 1), max_lifetime: null, onclose });
  replaceAll(client.options.parsers, parsers);
  replaceAll(client.options.serializers, {});
  return client;
}

/** The client keeps hold of the object, so its content is what changes. */
function replaceAll(target: object, content: object): void {
  for (const key of Object.keys(target)) Reflect.deleteProperty(target, key);
  Object.assign(target, content);
}

/**
 * postgres.js asks the server for the types of parameters before it sends them, which costs a round trip for every
 * statement that is not prepared. Our parameters are text already and need no types, so the question is left out: parse,
 * bind and execute go out together. Were the property renamed, the question would come back and nothing else change.
 */
function sendAtOnce(query: Query): void {
  Object.defineProperty(query, "describeFirst", { get: () => false, set: () => {} });
}
