/** One attempt at one turn: checks the payloads, gives the host what it needs, and says how it ended. */
import type { EventEnvelope } from "@tessera/shared-types";
import { reactionsTo, timeoutOf } from "./consumer.js";
import { EventsError } from "./errors.js";
import { type Outcome, writeMarks } from "./marks.js";
import { parsePayload } from "./outbox.js";
import type { Reaction } from "./reaction.js";
import type { Delivery } from "./turns.js";

/** Longer than any turn of many should take; what is slow then goes on alone, with the time it asks for. */
const turnTimeoutMs = 2000;

/** `at`: the delivery whose fault it is, as far as that is known. */
export type TurnResult =
  | { readonly outcomes: readonly Outcome[] }
  | { readonly error: unknown; readonly at: number | undefined };

/** All in one transaction. Rejects never: when one fails, nothing of the turn has happened. */
export async function attempt(turn: readonly Delivery[]): Promise<TurnResult> {
  let at: number | undefined;
  let begun: number | undefined;
  let outcomes: readonly Outcome[] | undefined;
  try {
    const calls = turn.map((delivery, place) => {
      at = place;
      return prepare(delivery, place);
    });
    at = undefined;
    const [{ consumer, event, isRetry }] = turn as [Delivery];
    const { module } = consumer;
    await withTimeout(module, event, timeoutFor(turn), (signal, expired) =>
      consumer.run({
        module,
        tenantId: event.tenantId || null,
        signal,
        mark: async (db) => {
          const marked = await writeMarks(
            db,
            module,
            turn.map(({ event }) => event),
            isRetry,
          );
          outcomes = marked;
          const due = calls.filter((_, place) => marked[place] === "done");
          return runsOf(due).map((run) => ({
            events: run.map(({ event }) => event) as [EventEnvelope],
            handle: async (context) => {
              at = run.length === 1 ? run[0].place : undefined;
              begun = performance.now();
              // A handler that hangs must not keep the transaction, and with it the marks of the others.
              await Promise.race([handle(run, context), expired]);
              consumer.pace.took(performance.now() - begun, run.length);
              begun = undefined;
            },
          }));
        },
      }),
    );
    if (!outcomes) throw new EventsError("REACTION_NOT_MARKED", { module, type: event.type });
    return { outcomes };
  } catch (error) {
    if (begun !== undefined) turn[0]?.consumer.pace.took(performance.now() - begun, 1);
    return { error, at };
  }
}

/** One delivery with the reactions that are meant and its payload as each of their contracts reads it. */
interface Call {
  readonly place: number;
  readonly event: EventEnvelope;
  readonly reactions: readonly { readonly reaction: Reaction; readonly payload: unknown }[];
}
type Run = [Call, ...Call[]];

/** `EVENT_INVALID`, `EVENT_VERSION_UNKNOWN` */
function prepare({ consumer, event }: Delivery, place: number): Call {
  const reactions = reactionsTo(consumer, event).map((reaction) => ({
    reaction,
    payload: parsePayload(reaction.contract, event.payload),
  }));
  return { place, event, reactions };
}

/** Neighbours that one reaction takes together; all others each for itself. */
function runsOf(calls: readonly Call[]): Run[] {
  const runs: Run[] = [];
  for (const call of calls) {
    const last = runs.at(-1);
    const together = takesTogether(call);
    if (last && together && takesTogether(last[0]) === together) last.push(call);
    else runs.push([call]);
  }
  return runs;
}

const takesTogether = ({ reactions: [first, second] }: Call): Reaction | undefined =>
  first?.reaction.together && !second ? first.reaction : undefined;

async function handle(run: Run, context: unknown): Promise<void> {
  const together = takesTogether(run[0]);
  if (together?.together) {
    const events = run.map(({ event, reactions }) => ({ ...event, payload: reactions[0]?.payload }));
    await together.together(context, events);
    return;
  }
  const [{ event, reactions }] = run;
  for (const { reaction, payload } of reactions) await reaction.handle(context, payload, event);
}

function timeoutFor(turn: readonly Delivery[]): number {
  const own = Math.min(...turn.map(({ consumer, event }) => timeoutOf(reactionsTo(consumer, event))));
  return turn.length === 1 ? own : Math.min(own, turnTimeoutMs);
}

async function withTimeout(
  module: string,
  event: EventEnvelope,
  milliseconds: number,
  work: (signal: AbortSignal, expired: Promise<never>) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new EventsError("REACTION_TIMEOUT", { module, type: event.type, milliseconds });
      controller.abort(error);
      reject(error);
    }, milliseconds);
  });
  try {
    await Promise.race([work(controller.signal, expired), expired]);
  } finally {
    clearTimeout(timer);
  }
}
