/** One attempt at one turn: checks the payloads, gives the host what it needs, and says how it ended. */
import type { EventEnvelope } from "@tessera/shared-types";
import { reactionsTo, timeoutOf } from "./consumer.js";
import { EventsError } from "./errors.js";
import { type Outcome, writeMarks } from "./marks.js";
import { parsePayload } from "./outbox.js";
import type { ReactionAttempt } from "./reaction.js";
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
  let outcomes: readonly Outcome[] | undefined;
  try {
    const calls = turn.map((delivery, place) => {
      at = place;
      return prepare(delivery, () => {
        at = place;
      });
    });
    at = undefined;
    const [{ consumer, event, isRetry }] = turn as [Delivery];
    const { module } = consumer;
    await withTimeout(module, event, timeoutFor(turn), (signal) =>
      consumer.run({
        module,
        tenantId: event.tenantId || null,
        signal,
        mark: async (db) => {
          outcomes = await writeMarks(
            db,
            module,
            turn.map(({ event }) => event),
            isRetry,
          );
          return calls.filter((_, place) => outcomes?.[place] === "done");
        },
      }),
    );
    if (!outcomes) throw new EventsError("REACTION_NOT_MARKED", { module, type: event.type });
    return { outcomes };
  } catch (error) {
    return { error, at };
  }
}

/** `EVENT_INVALID`, `EVENT_VERSION_UNKNOWN` */
function prepare({ consumer, event }: Delivery, begins: () => void): ReactionAttempt {
  const calls = reactionsTo(consumer, event).map((reaction) => ({
    reaction,
    payload: parsePayload(reaction.contract, event.payload),
  }));
  return {
    event,
    handle: async (context) => {
      begins();
      for (const { reaction, payload } of calls) await reaction.handle(context, payload, event);
    },
  };
}

function timeoutFor(turn: readonly Delivery[]): number {
  const own = Math.min(...turn.map(({ consumer, event }) => timeoutOf(reactionsTo(consumer, event))));
  return turn.length === 1 ? own : Math.min(own, turnTimeoutMs);
}

async function withTimeout(
  module: string,
  event: EventEnvelope,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<void>,
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
    await Promise.race([work(controller.signal), expired]);
  } finally {
    clearTimeout(timer);
  }
}
