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
  const idle: Session[] = [];
  let ended = false;

  const take = (): Session => {
    for (let session = idle.pop(); session; session = idle.pop()) if (session.alive) return session;
    if (ended) throw unavailable("The database handle is closed", undefined);
    const session: Session = {
      alive: true,
      sql: postgres({
        ...clientOptions(target, 1),
        max_lifetime: null,
        onclose: () => {
          session.alive = false;
        },
      }),
    };
    return session;
  };
  const giveBack = (session: Session) => {
    if (session.alive && !ended && idle.length < keptIdle) idle.push(session);
    else void endSession(session);
  };

  const begin = async (first: string | Work, second?: Work) => {
    const [options, work] = typeof first === "string" ? [first, second] : ["", first];
    const session = take();
    try {
      return await runOwnerTransaction(session, options, work);
    } finally {
      giveBack(session);
    }
  };
  const reserve = async () => {
    const session = take();
    let released = false;
    const release = () => {
      if (!released) giveBack(session);
      released = true;
    };
    try {
      await session.sql`select 1`;
    } catch (error) {
      release();
      throw error;
    }
    return guarded(session.sql, session, { release });
  };
  const endClient = client.end.bind(client);
  const end = async (options?: { timeout?: number }) => {
    ended = true;
    await Promise.all([endClient(options), ...idle.splice(0).map(endSession)]);
  };
  return Object.assign(client, { begin, reserve, end }) as unknown as postgres.Sql;
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
