/** Waits for a time, or for an event of the tenant. */
import { defineEvent, type EventEnvelope } from "@tessera/shared-types";
import { z } from "zod";
import type { WaitStep } from "../../definitions/definition.js";
import { errors } from "../../errors.js";
import { evaluate } from "../../expressions/evaluate.js";
import { attemptStep, type Done } from "../attempt-step.js";
import { mayPass } from "../problems.js";
import type { Place } from "../run-state.js";
import { finishWaiting } from "./finish-waiting.js";

/** Nobody waits longer, whatever an expression gives. */
const longestMs = 366 * 24 * 3_600_000;
const once = { attempts: 3, retryIf: (error: unknown) => mayPass(error, false) };

export async function runWait(place: Place<WaitStep>): Promise<unknown> {
  const { wait } = place.step;
  return "event" in wait ? waitForEvent(place, wait) : waitForTime(place);
}

async function waitForTime(place: Place<WaitStep>): Promise<unknown> {
  const { run, path } = place;
  const { result } = await run.process.step<Done>(path, {
    ...once,
    do: (context) =>
      attemptStep(
        context,
        place,
        { follows: "WAITS", prepare: () => endOf(place, context.now()), act: async (_, until) => ({ until }) },
        once,
      ),
  });
  const { until } = result as { until: string };
  await run.process.sleep(`${path}:sleep`, { until });
  return finishWaiting(place, { until });
}

/** @throws WAIT_INVALID */
async function endOf({ step, bindings }: Place<WaitStep>, now: Date): Promise<string> {
  const { wait } = step;
  const value = "seconds" in wait ? await evaluate(wait.seconds, bindings) : null;
  const text = "until" in wait ? await evaluate(wait.until, bindings) : null;
  const at = "seconds" in wait ? now.getTime() + Number(value) * 1000 : Date.parse(String(text));
  if (!Number.isFinite(at) || at - now.getTime() > longestMs || ("seconds" in wait && Number(value) < 0))
    throw errors.WAIT_INVALID({ value: JSON.stringify("seconds" in wait ? value : text) });
  return new Date(at).toISOString();
}

type ForEvent = Extract<WaitStep["wait"], { event: string }>;

async function waitForEvent(place: Place<WaitStep>, { event: type, where, withinSeconds }: ForEvent): Promise<unknown> {
  const { run, path, bindings } = place;
  const { result } = await run.process.step<Done>(path, {
    ...once,
    do: (context) =>
      attemptStep(
        context,
        place,
        {
          follows: "WAITS",
          prepare: async () => ({ event: type }),
          act: async () => ({
            deadline: withinSeconds ? new Date(context.now().getTime() + withinSeconds * 1000).toISOString() : null,
          }),
        },
        once,
      ),
  });
  const { deadline } = result as { deadline: string | null };
  const fits = async (event: EventEnvelope) =>
    where === undefined || (await evaluate(where, { ...bindings, event })) === true;
  // Any version and payload: what a module publishes is checked where it is published.
  const contract = defineEvent(type, 0, z.unknown());
  const event = await run.process.waitForEvent(`${path}:event`, contract, {
    where: fits,
    ...(deadline === null ? {} : { deadline }),
  });
  return finishWaiting(place, event);
}
