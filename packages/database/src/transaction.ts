/** Writes: one transaction whose begin and settings travel with its first statement. */
import type { Scope, TenantDb } from "./contract.js";
import { DatabaseError } from "./errors.js";
import type { Line, Rows, Shape } from "./line.js";
import type { Pool } from "./pool.js";
import { cancelled, coded, isConnectionLoss, unavailable } from "./refusals.js";
import { checkScope, checkStillWanted, sendOpening, type Watch, watch } from "./settings.js";
import { plain, type StatementRunner, tenantDb } from "./tenant-db.js";
import { traced } from "./traced.js";

export function runTransaction<T>(
  pool: Pool,
  role: string,
  scope: Scope,
  work: (db: TenantDb) => PromiseLike<T>,
): Promise<T> {
  return traced("database.transaction", {}, () => runInTransaction(pool, role, scope, work));
}

async function runInTransaction<T>(
  pool: Pool,
  role: string,
  scope: Scope,
  work: (db: TenantDb) => PromiseLike<T>,
): Promise<T> {
  checkScope(scope);
  checkStillWanted(scope);
  const transaction = new Transaction(pool, role, scope);
  try {
    const outcome = work(tenantDb(transaction));
    const value = outcome instanceof Promise ? await outcome : await transaction.endWith(outcome);
    await transaction.commit();
    return value;
  } catch (error) {
    await transaction.rollback();
    throw plain(error);
  }
}

class Transaction implements StatementRunner {
  readonly #pool: Pool;
  readonly #role: string;
  readonly #scope: Scope;
  #line: Promise<Line> | null = null;
  #watch: Watch | null = null;
  #sent: Promise<unknown>[] = [];
  #failure: unknown = null;
  #commit: Promise<void> | null = null;
  #over = false;
  #savepoints = 0;

  constructor(pool: Pool, role: string, scope: Scope) {
    this.#pool = pool;
    this.#role = role;
    this.#scope = scope;
  }

  async run(text: string, parameters: readonly unknown[], shape: Shape): Promise<Rows> {
    if (this.#over) {
      throw new DatabaseError("TRANSACTION_OVER", "The transaction has ended: await every statement inside of it.");
    }
    checkStillWanted(this.#scope);
    return this.#reply((line) => line.send(text, parameters, shape));
  }

  async #reply(statement: (line: Line) => Promise<Rows>): Promise<Rows> {
    try {
      return await this.#send(statement);
    } catch (error) {
      // "The transaction is aborted" says nothing: what aborted it does.
      const aborted = (error as { code?: string }).code === "25P02";
      throw this.#watch?.reason() ?? coded(aborted ? (this.#failure ?? error) : error);
    }
  }

  async nested<T>(work: () => Promise<T>): Promise<T> {
    this.#savepoints += 1;
    const name = `s${this.#savepoints}`;
    // Not awaited: it travels with the first statement of `work`.
    const opening = this.#reply((line) => line.command(`savepoint ${name}`));
    opening.catch(() => {});
    try {
      const value = await work();
      await opening;
      await this.#reply((line) => line.command(`release savepoint ${name}`));
      return value;
    } catch (error) {
      await this.#reply((line) => line.command(`rollback to savepoint ${name}`)).catch(() => {});
      this.#failure = null;
      throw plain(error);
    }
  }

  /** Runs a query that `work` returned without awaiting it, and sends the commit along. */
  async endWith<T>(query: PromiseLike<T>): Promise<T> {
    const before = this.#sent.length;
    const value = Promise.resolve(query.then((result) => result));
    value.catch(() => {});
    await handedOver();
    if (this.#sent.length > before) await this.commit().catch(() => {});
    return value;
  }

  commit(): Promise<void> {
    this.#commit ??= this.#sendCommit();
    return this.#commit;
  }

  async #sendCommit(): Promise<void> {
    await handedOver();
    if (!this.#line) {
      this.#over = true;
      return;
    }
    checkStillWanted(this.#scope);
    const commit = this.#send((line) => line.command("commit"));
    this.#over = true;
    await Promise.allSettled(this.#sent);
    try {
      const { command } = await commit;
      if (command !== "COMMIT") throw this.#watch?.reason() ?? coded(this.#failure);
    } catch (error) {
      throw isConnectionLoss(error)
        ? unavailable("The connection was lost during the commit, which may or may not have happened", error, {
            outcome: "unknown",
          })
        : coded(error);
    } finally {
      await this.#release();
    }
  }

  /** Undoes what has not been committed; never rejects. */
  async rollback(): Promise<void> {
    this.#over = true;
    const line = await this.#line?.catch(() => null);
    if (!line) return;
    await this.#watch?.end();
    // A cancel request that came late can hit the rollback itself.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const done = await line.command("rollback").then(
        () => true,
        () => false,
      );
      if (done) break;
      if (attempt === 1) line.end();
    }
    await this.#release();
  }

  #send(statement: (line: Line) => Promise<Rows>): Promise<Rows> {
    this.#line ??= this.#open();
    const reply = this.#line.then(statement);
    this.#sent.push(
      reply.catch((error) => {
        this.#failure ??= error;
      }),
    );
    return reply;
  }

  async #open(): Promise<Line> {
    const line = await this.#pool.acquire(this.#scope);
    if (this.#scope.signal?.aborted) {
      this.#pool.release(line);
      throw cancelled();
    }
    this.#watch = watch(line, this.#scope);
    for (const reply of sendOpening(line, "begin", this.#role, this.#scope)) {
      reply.catch((error) => {
        this.#failure ??= error;
      });
    }
    return line;
  }

  async #release(): Promise<void> {
    const line = await this.#line?.catch(() => null);
    this.#line = null;
    await this.#watch?.end();
    if (line) this.#pool.release(line);
  }
}

/** Drizzle hands a statement over some microtasks after it was asked to; a tick comes when there are none left. */
function handedOver(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
