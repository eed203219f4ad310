/** The `process` that an author's `run` gets. */
import type { TenantDb } from "@tessera/database";
import type { EventContract, EventEnvelope } from "@tessera/shared-types";
import { z } from "zod";
import type { AnswerWait, EventWait, Process, SleepOptions } from "../define.js";
import { ProcessesError } from "../errors.js";
import { fromText } from "../values.js";
import type { Run } from "./run.js";
import type { Operation } from "./scheduler.js";
import { StepOperation } from "./step-operation.js";
import { type Found, type Wait, WaitOperation } from "./wait-operation.js";

const longestName = 500;
const never = new Promise<never>(() => {});

export function processObject(run: Run): Process<never> {
  const { instance } = run.journal;
  const ask = <T>(operation: Operation & { readonly promise: Promise<T> }): Promise<T> => {
    const { length } = operation.name;
    if (length < 1 || length > longestName)
      throw new ProcessesError("PROCESS_STEP_NAME_INVALID", { limit: longestName });
    run.scheduler.ask(operation);
    return operation.promise;
  };
  return {
    id: instance.id,
    tenantId: instance.tenant_id,
    startedBy: instance.actor_id,
    startedAt: new Date(instance.started_at),
    step: async (name, options) => ask(new StepOperation(run, name, options)),
    parallel,
    sleep: async (name, options) => {
      await ask(new WaitOperation<null>(run, { name, kind: "SLEEP", dueAt: (from) => endOf(name, options, from) }));
    },
    waitForEvent: async <Payload>(name: string, contract: EventContract<Payload>, options: EventWait<Payload> = {}) => {
      if (!hears(run, contract.type)) return never;
      return ask(new WaitOperation<EventEnvelope<Payload>>(run, eventWait(run, name, contract, options)));
    },
    waitForAnswer: async <Answer>(name: string, options: AnswerWait<Answer>) =>
      ask(new WaitOperation<Answer>(run, answerWait(run, name, options))),
  };
}

/** Branches end before the failure of one is thrown: what they do belongs to what will be undone. */
async function parallel<Branches extends Readonly<Record<string, () => Promise<unknown>>>>(branches: Branches) {
  const failures: unknown[] = [];
  const results = await Promise.all(
    Object.entries(branches).map(async ([name, branch]) => {
      try {
        return [name, await branch()];
      } catch (error) {
        failures.push(error);
        return [name, undefined];
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
  return Object.fromEntries(results);
}

function endOf(step: string, { until, milliseconds }: SleepOptions, from: Date): Date {
  return until === undefined ? pointInTime(step, from.getTime() + (milliseconds ?? 0)) : pointInTime(step, until);
}

const deadlineOf = (step: string, deadline: Date | string | undefined): Date | null =>
  deadline === undefined ? null : pointInTime(step, deadline);

/** `PROCESS_TIME_INVALID` */
function pointInTime(step: string, time: Date | string | number): Date {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new ProcessesError("PROCESS_TIME_INVALID", { step, time: String(time) });
  return date;
}

/** A mistake of the author that undoing would not repair: the process is stuck until the code is right. */
function hears({ journal: { instance }, scheduler }: Run, type: string): boolean {
  if (instance.hears.includes(type) || instance.hears.includes("*")) return true;
  const { name, version } = instance;
  scheduler.halt(new ProcessesError("PROCESS_EVENT_NOT_HEARD", { name, version, type }));
  return false;
}

function eventWait<Payload>(
  run: Run,
  name: string,
  contract: EventContract<Payload>,
  { aggregateId, where, deadline }: EventWait<Payload>,
): Wait {
  let after = "0";
  const about = aggregateId ?? null;
  /** Events that were looked at once need not be looked at again: whether one fits does not change. */
  const look = async (db: TenantDb, until: Date | null): Promise<Found | null> => {
    for (;;) {
      const heard = await run.journal.heard(db, contract.type, about, after);
      for (const { seq, event: text } of heard) {
        const event = await fitting(contract, fromText(text) as EventEnvelope, until, where);
        if (event) return { value: event, eventId: event.id };
        after = String(seq);
      }
      if (heard.length === 0) return null;
    }
  };
  return { name, kind: "EVENT", waitsFor: contract.type, about, dueAt: () => deadlineOf(name, deadline), look };
}

async function fitting<Payload>(
  { version, payload: schema }: EventContract<Payload>,
  event: EventEnvelope,
  until: Date | null,
  where: EventWait<Payload>["where"],
): Promise<EventEnvelope<Payload> | null> {
  if ((version !== 0 && event.version !== version) || (until && new Date(event.occurredAt) > until)) return null;
  const payload = schema.safeParse(event.payload);
  if (!payload.success) return null;
  const parsed = { ...event, payload: payload.data };
  return where === undefined || (await where(parsed)) ? parsed : null;
}

function answerWait<Answer>(run: Run, name: string, { schema, deadline }: AnswerWait<Answer>): Wait {
  const look = async (db: TenantDb) => {
    const text = await run.journal.answer(db, name);
    if (text === undefined) return null;
    const parsed = await schema.safeParseAsync(fromText(text));
    if (parsed.success) return { value: parsed.data };
    await run.journal.refuseAnswer(db, name);
    return { refused: { code: "PROCESS_ANSWER_INVALID", message: problemOf(parsed.error) } };
  };
  return { name, kind: "ANSWER", dueAt: () => deadlineOf(name, deadline), schema: describe(schema), look };
}

export function problemOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".") || "value"}: ${message}`).join("; ");
}

/** JSON Schema, so that an answer can be refused at once, wherever it is given. */
function describe(schema: z.ZodType): string | null {
  try {
    return JSON.stringify(z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }));
  } catch {
    return null;
  }
}
