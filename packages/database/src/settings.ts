/** What every transaction sets before its first statement: role, tenant, person and time limit. */
import type { Scope } from "./contract.js";
import { DatabaseError } from "./errors.js";
import type { Line, Rows } from "./line.js";
import { cancelled, deadlinePassed } from "./refusals.js";

const setAll =
  "select set_config('role', $1, true), set_config('tessera.tenant', $2, true), set_config('tessera.user', $3, true), set_config('statement_timeout', $4, true)";
/** For work without a deadline. */
const longestStatementMs = 60_000;
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws DatabaseError INVALID_SCOPE */
export function checkScope(scope: Scope): void {
  for (const [name, id] of [
    ["tenantId", scope.tenantId],
    ["actorId", scope.actorId ?? null],
  ] as const) {
    if (id !== null && !uuidForm.test(id)) {
      throw new DatabaseError("INVALID_SCOPE", `The scope's ${name} must be a UUID or null.`, { details: { name } });
    }
  }
}

/** @throws DatabaseError QUERY_CANCELLED | QUERY_DEADLINE when nobody waits for the answer any more. */
export function checkStillWanted(scope: Scope): void {
  if (scope.signal?.aborted) throw cancelled();
  if (scope.deadline !== undefined && scope.deadline <= Date.now()) throw deadlinePassed();
}

/** Sends begin and settings; they travel with whatever is sent next. */
export function sendOpening(line: Line, begin: string, role: string, scope: Scope): Promise<Rows>[] {
  const left = scope.deadline === undefined ? longestStatementMs : Math.ceil(scope.deadline - Date.now());
  const timeout = String(Math.min(Math.max(left, 1), 2_147_483_647));
  return [line.command(begin), line.send(setAll, [role, scope.tenantId ?? "", scope.actorId ?? "", timeout])];
}

export interface Watch {
  /** Why the work was stopped from outside, if it was. */
  reason(): DatabaseError | null;
  /** Ends the watch; resolves when no cancel request is on its way any more, so that it cannot hit the next user. */
  end(): Promise<unknown>;
}

/** Cancels what runs on the line when the signal is aborted or the deadline passes, until the work is over. */
export function watch(line: Line, scope: Scope): Watch {
  let reason: DatabaseError | null = null;
  let cancelling: Promise<unknown> = Promise.resolve();
  let again: NodeJS.Timeout | undefined;
  const stop = (why: DatabaseError) => {
    reason ??= why;
    // Every request counts: on a busy machine the first may still be on its way when the second one goes out.
    cancelling = Promise.allSettled([cancelling, line.cancel()]).then(() => {});
    // The request may have overtaken the statement it was meant for.
    again = setTimeout(stop, 50, why);
  };
  const onAbort = () => stop(cancelled());
  // A moment later than the server's own limit, for groups of statements that are each in time but not together.
  const left = scope.deadline === undefined ? Number.POSITIVE_INFINITY : scope.deadline - Date.now() + 25;
  const timer = left < 2_147_483_647 ? setTimeout(() => stop(deadlinePassed()), left) : undefined;
  scope.signal?.addEventListener("abort", onAbort, { once: true });
  return {
    reason: () => reason,
    end: () => {
      clearTimeout(timer);
      clearTimeout(again);
      scope.signal?.removeEventListener("abort", onAbort);
      return cancelling;
    },
  };
}
