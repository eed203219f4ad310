/**
 * The owner's postgres.js client, with `begin` and `reserve` replaced. Those of postgres.js (3.4.9) write to a socket
 * that is gone when the connection is lost between two statements, which ends the process with an uncaught exception.
 * Here each such session has a client of its own (`max: 1`), and its statements fail once the connection is lost.
 */
import postgres from "postgres";
import { clientOptions, type Target } from "./connection-url.js";
import { DatabaseError } from "./errors.js";
import { unavailable } from "./refusals.js";

interface Session {
  readonly sql: postgres.Sql;
  alive: boolean;
}
type Work = (tx: postgres.TransactionSql) => unknown;

const keptIdle = 2;

export function openOwnerClient(target: Target): postgres.Sql {
  const client = postgres(clientOptions(target, 4));
  const sessions = new Sessions(target);
  const endClient = client.end.bind(client);
  const begin = (first: string | Work, second?: Work) =>
    typeof first === "string"
      ? sessions.use((session) => runOwnerTransaction(session, first, second))
      : sessions.use((session) => runOwnerTransaction(session, "", first));
  const reserve = async () => {
    const session = sessions.take();
    let released = false;
    const release = () => {
      if (!released) sessions.giveBack(session);
      released = true;
    };
    await session.sql`select 1`.catch((error: unknown) => {
      release();
      throw error;
    });
    return guarded(session.sql, session, { release });
  };
  const end = async (options?: { timeout?: number }) => {
    await Promise.all([endClient(options), sessions.end()]);
  };
  return Object.assign(client, { begin, reserve, end }) as unknown as postgres.Sql;
}

class Sessions {
  readonly #target: Target;
  readonly #idle: Session[] = [];
  #ended = false;

  constructor(target: Target) {
    this.#target = target;
  }

  async use(work: (session: Session) => Promise<unknown>): Promise<unknown> {
    const session = this.take();
    try {
      return await work(session);
    } finally {
      this.giveBack(session);
    }
  }

  take(): Session {
    for (let session = this.#idle.pop(); session; session = this.#idle.pop()) if (session.alive) return session;
    if (this.#ended) throw unavailable("The database handle is closed", undefined);
    const onclose = () => {
      session.alive = false;
    };
    const sql = postgres({ ...clientOptions(this.#target, 1), max_lifetime: null, onclose });
    const session: Session = { alive: true, sql };
    return session;
  }

  giveBack(session: Session): void {
    if (session.alive && !this.#ended && this.#idle.length < keptIdle) this.#idle.push(session);
    else void endSession(session);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#idle.splice(0).map(endSession));
  }
}

async function endSession(session: Session): Promise<void> {
  session.alive = false;
  await session.sql.end({ timeout: 1 }).catch(() => {});
}

async function runOwnerTransaction(session: Session, options: string, work: Work | undefined): Promise<unknown> {
  const { sql } = session;
  await sql.unsafe(`begin ${options.replace(/[^a-z ]/gi, "")}`);
  try {
    const value = await outcome(work?.(guarded(sql, session, { savepoint: savepoints(session) })));
    check(session);
    const { command } = await sql.unsafe("commit");
    if (command === "COMMIT") return value;
    throw refusedCommit();
  } catch (error) {
    if (session.alive) await sql.unsafe("rollback").catch(() => {});
    throw error;
  }
}

/** A statement whose failure nobody looked at has aborted the transaction. */
function refusedCommit(): DatabaseError {
  return new DatabaseError("QUERY_FAILED", "The transaction was rolled back: one of its statements failed unnoticed.");
}

function savepoints(session: Session) {
  let count = 0;
  const savepoint = async (first: unknown, second?: Work): Promise<unknown> => {
    const work = (second ?? first) as Work;
    count += 1;
    const name = `nested_${count}`;
    const run = (text: string) => {
      check(session);
      return session.sql.unsafe(text);
    };
    await run(`savepoint ${name}`);
    try {
      return await outcome(work(guarded(session.sql, session, { savepoint })));
    } catch (error) {
      await run(`rollback to savepoint ${name}`);
      throw error;
    }
  };
  return savepoint;
}

function outcome(value: unknown): unknown {
  return Array.isArray(value) ? Promise.all(value) : value;
}

function check(session: Session): void {
  if (!session.alive) throw unavailable("The connection to PostgreSQL was lost in the middle of a session", undefined);
}

/** The same client with `own` members, but every other use of it after the connection was lost fails. */
function guarded<Own extends object>(sql: postgres.Sql, session: Session, own: Own): never {
  return new Proxy(sql, {
    apply(target, self, args) {
      check(session);
      return Reflect.apply(target, self, args);
    },
    get(target, key) {
      if (key in own) return own[key as keyof Own];
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        check(session);
        return Reflect.apply(member, target, args);
      };
    },
  }) as never;
}
