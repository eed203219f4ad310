/** Events of one client with the hook `onSubscriptionEvent` between the stream and the client. */
import type { RouterHooks } from "../hooks/router-hooks.js";
import type { ClientAnswer } from "../request/outcome.js";
import type { RequestContext } from "../request/request-context.js";

export class HookedEvents implements AsyncIterableIterator<ClientAnswer> {
  readonly #events: AsyncIterableIterator<ClientAnswer>;
  readonly #context: RequestContext;
  readonly #hook: NonNullable<RouterHooks["onSubscriptionEvent"]>;

  constructor(
    events: AsyncIterableIterator<ClientAnswer>,
    context: RequestContext,
    hook: NonNullable<RouterHooks["onSubscriptionEvent"]>,
  ) {
    this.#events = events;
    this.#context = context;
    this.#hook = hook;
  }

  async next(): Promise<IteratorResult<ClientAnswer>> {
    for (;;) {
      const result = await this.#events.next();
      if (result.done) return result;
      const replaced = await this.#asked(result.value);
      if (replaced === null) continue;
      const { eventId } = result.value;
      return { done: false, value: replaced ? { ...replaced, eventId } : result.value };
    }
  }

  async return(): Promise<IteratorResult<ClientAnswer>> {
    return (await this.#events.return?.()) ?? { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A hook that throws ends the stream with what it threw. */
  async #asked(answer: ClientAnswer): Promise<ClientAnswer | null | undefined> {
    try {
      const replaced = await this.#hook({ context: this.#context, answer });
      return replaced === null ? null : (replaced ?? undefined);
    } catch (error) {
      await this.#events.return?.();
      throw error;
    }
  }
}
