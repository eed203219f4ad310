/** What an operation came to, as a stream of messages: most streaming protocols send all three kinds the same way. */
import type { ClientAnswer, ClientPart, Outcome } from "../request/outcome.js";

export function messagesOf(outcome: Outcome): AsyncIterable<ClientAnswer | ClientPart> {
  if (outcome.kind === "single") return once(outcome.answer);
  return outcome.kind === "parts" ? outcome.parts : outcome.events;
}

export async function* once<Value>(value: Value): AsyncGenerator<Value, void, void> {
  yield value;
}
