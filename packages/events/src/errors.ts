/** Coded errors of the event backbone. */
import { errorClass } from "@tessera/shared-types";

const messages = {
  EVENT_INVALID: "The payload of {type} v{version} does not match its contract: {problem}.",
  EVENT_VERSION_UNKNOWN: "{module} has no reaction to {type} v{version}; it reacts to {known}.",
  REACTION_DUPLICATE: "{module} declares two reactions to {type} v{version}. Merge them into one.",
  REACTION_TIMEOUT: "The reaction of {module} to {type} took longer than {milliseconds} ms and was given up.",
  REACTION_NOT_MARKED: "The host of {module} ran a reaction to {type} without calling mark() in its transaction.",
  ANNOUNCE_TOO_LARGE:
    "An announced {type} has {bytes} bytes; this bus carries at most {limit}. Announce ids, not content.",
  LIVE_CONSUMER_TOO_SLOW: "More than {limit} {type} events waited for this subscriber. Read faster or subscribe again.",
  DEAD_LETTER_NOT_FOUND: "There is no dead letter {id}. It may have been replayed or discarded by someone else.",
  EVENT_OF_OTHER_TENANT: "Event {id} belongs to another tenant and cannot be repeated from here.",
  BUS_UNAVAILABLE: "The event bus cannot be reached: {problem}. Check {setting}.",
} as const;

/** `code` is stable; `details` holds what the message names. */
export class EventsError extends errorClass("EventsError", messages) {}
