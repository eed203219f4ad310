/** Outbox, relay, bus drivers, reactions, dead letters and live fan-out. The guarantees are in README.md. */
export type { Bus, Subscription } from "./bus.js";
export { EventsError } from "./errors.js";
export type { Events, EventsOptions, Origin, Outbox } from "./events.js";
export { openBus } from "./open-bus.js";
export { openEvents } from "./open-events.js";
export type {
  ConsumerState,
  DeadLetter,
  DeadLetterFilter,
  DeliveryState,
  Operations,
  OperatorScope,
  Replay,
} from "./operations.js";
export {
  anyEvent,
  type Reaction,
  type ReactionAttempt,
  type ReactionTurn,
  type RunReactions,
  react,
  reactToAll,
  reactTogether,
} from "./reaction.js";
export { prepareEvents } from "./schema/prepare.js";
export { WakeUp } from "./wake-up.js";
