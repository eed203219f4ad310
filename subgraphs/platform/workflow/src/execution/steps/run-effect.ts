/** Steps that do something elsewhere: a GraphQL operation or an HTTP call. */
import type { GraphqlStep, HttpStep, Retry, Undo, UndoAction } from "../../definitions/definition.js";
import { type Bindings, evaluateAll } from "../../expressions/evaluate.js";
import { type Action, attemptStep, type Done } from "../attempt-step.js";
import { mayPass } from "../problems.js";
import type { Place } from "../run-state.js";
import { undoAttempts, undoStep } from "../undo-step.js";
import { httpAction } from "./http-action.js";
import { runOperation } from "./run-operation.js";

/** Attempts at what passes by itself, where the definition says nothing. */
const usualAttempts = 3;
const usualSeconds = 30;

export async function runEffect(place: Place<GraphqlStep | HttpStep>): Promise<unknown> {
  const { run, step, path, bindings } = place;
  const { retry, undo, timeoutSeconds = usualSeconds } = step;
  const attempts = retry?.attempts ?? usualAttempts;
  const retryIf = (error: unknown) => mayPass(error, retry !== undefined);
  const timeoutMs = timeoutSeconds * 1000;
  const done = await run.process.step<Done>(path, {
    do: (context) => attemptStep(context, place, actionOf(step, bindings, place), { attempts, retryIf }),
    ...{ attempts, retryIf, timeoutMs: timeoutMs + graceMs, ...backoffOf(retry) },
    ...undoOf(place, undo),
  });
  return done.output;
}

/** The call itself gives up first, and says so better. */
const graceMs = 2_000;

function backoffOf(retry: Retry | undefined) {
  return retry ? { backoffMs: retry.backoffSeconds * 1000 } : {};
}

function undoOf(place: Place, undo: Undo | undefined) {
  if (undo === undefined || undo === "none") return {};
  const attempts = undo.retry?.attempts ?? undoAttempts;
  return {
    undoAttempts: attempts,
    undo: (context: Parameters<typeof undoStep>[0], { result }: Done) =>
      undoStep(context, place, attempts, async (acting) => {
        const action = actionOf(undo, { ...place.bindings, result }, place);
        await action.act(acting, await action.prepare());
      }),
  };
}

type Effect = GraphqlStep | HttpStep | UndoAction;

function actionOf(effect: Effect, bindings: Bindings, { run }: Place): Action<unknown, unknown> {
  const seconds = ("timeoutSeconds" in effect ? effect.timeoutSeconds : undefined) ?? usualSeconds;
  if (effect.type === "http") return httpAction(effect, bindings, seconds * 1000);
  const { scopes } = run.facts.content;
  return {
    prepare: () => evaluateAll(effect.variables, bindings),
    act: (context, variables) =>
      runOperation(context, { query: effect.operation, variables: variables as Bindings, scopes, seconds }),
  };
}
