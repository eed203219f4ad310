/** Several hooks of one moment become one, which runs them in order. */
import type { RouterHooks } from "./router-hooks.js";

// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is of this type
type Given<Answer> = Exclude<Answer, undefined | void>;
type Hook<Event, Answer> = (event: Event) => Answer | Promise<Answer>;

/**
 * What the first hook returned is what the next one sees. The first that throws ends the row. A moment nobody has a hook
 * for has none in the result, and a single hook stays the function it was.
 */
export function composeHooks(all: readonly RouterHooks[]): RouterHooks {
  const hooks: { [Name in keyof RouterHooks]: RouterHooks[Name] | undefined } = {
    onRequest: inOrder(bound(all, "onRequest"), (event, request) => ({ ...event, request })),
    onOperation: inOrder(bound(all, "onOperation")),
    onPlan: inOrder(bound(all, "onPlan"), (event, plan) => ({ ...event, plan })),
    onSubgraphRequest: inOrder(bound(all, "onSubgraphRequest")),
    onSubgraphResponse: inOrder(bound(all, "onSubgraphResponse")),
    onResponse: inOrder(bound(all, "onResponse"), (event, answer) => ({ ...event, answer })),
    onSubscriptionEvent: inOrder(bound(all, "onSubscriptionEvent"), (event, answer) => answer && { ...event, answer }),
  };
  for (const name of Object.keys(hooks) as (keyof RouterHooks)[]) if (!hooks[name]) delete hooks[name];
  return hooks as RouterHooks;
}

/** Hooks may be methods that look at `this`. */
function bound<Name extends keyof RouterHooks>(
  all: readonly RouterHooks[],
  name: Name,
): NonNullable<RouterHooks[Name]>[] {
  return all.flatMap((hooks) => {
    const hook = hooks[name];
    return hook ? [hook.bind(hooks) as NonNullable<RouterHooks[Name]>] : [];
  });
}

/** `next` gives the event the following hook gets; `null` ends the row. */
function inOrder<Event, Answer>(
  hooks: readonly Hook<Event, Answer>[],
  next: (event: Event, answer: Given<Answer>) => Event | null = (event) => event,
): Hook<Event, Answer> | undefined {
  if (hooks.length < 2) return hooks[0];
  return async (first) => {
    let event = first;
    let last: Answer | undefined;
    for (const hook of hooks) {
      const answer = await hook(event);
      if (answer === undefined) continue;
      last = answer;
      const following = next(event, answer as Given<Answer>);
      if (following === null) break;
      event = following;
    }
    return last as Answer;
  };
}
