import { defineErrors } from "@tessera/subgraph";

export const errors = defineErrors("events", {
  EVENT_TYPE_UNKNOWN: "There is no event type {name}: look at `eventTypes` for those there are, or register it.",
  EVENT_TYPE_EXISTS: "{name} is registered already: add a version to it instead.",
  EVENT_TYPE_NAME_INVALID:
    "{name} cannot name an event type: use lower-case words joined by points that begin with external, such as external.order.placed.",
  EVENT_TYPE_NOT_OWN:
    "{name} is a type of the platform: only types that begin with external are the organization's own.",
  EVENT_TYPES_TOO_MANY: "An organization has {most} event types, and a type {mostVersions} versions, at most.",
  EVENT_VERSION_UNKNOWN: "{name} has no version {version}.",
  SCHEMA_INVALID: "The schema cannot be used: {problems}",
  SCHEMA_INCOMPATIBLE: "The schema does not keep {compatibility} compatibility: {problems}",
  PAYLOAD_INVALID: "The payload does not match version {version} of {name}: {problems}",
  PAYLOAD_TOO_LARGE: "A payload has {most} bytes at most; this one has {bytes}.",
  TEXT_INVALID: "{field} has 1 to {most} characters.",
  FILTER_INVALID: "The events cannot be selected like this: {reason}.",
  STREAM_NOT_FOUND: "There is no event stream {id} that you may read.",
  STREAM_NAME_TAKEN: "There is an event stream called {name} already: choose another name.",
  STREAM_INVALID: "The stream cannot be kept: {reason}.",
  STREAM_CLOSED: "The stream {id} is not open to you any more.",
  DEAD_LETTER_NOT_FOUND: "There is no dead letter {id}: it may have been retried or discarded meanwhile.",
  PAYLOAD_PROTECTED:
    "The payload of {type} decides about rights or money and is not edited: retry the event as it is, or discard it.",
  REPLAY_NOT_FOUND: "There is no replay {id}.",
  REPLAY_EMPTY: "No stored event meets this, so there is nothing to replay.",
  REPLAY_STATE: "The replay is {state}: this can be done to one that is {wanted}.",
  REPLAYS_TOO_MANY: "{running} replays are running: wait for one of them, or cancel it.",
  CONSUMER_UNKNOWN: "There is no consumer {consumer}: look at `consumerGroups` for those there are.",
  EXPORT_SIZE_INVALID: "One piece of an export has 1 to {most} events.",
  CURSOR_INVALID: "This cursor is not one of this list.",
  IMPORT_NOT_FOUND: "There is no import {id}.",
  IMPORT_COMPLETE: "The import {id} is complete: start another one.",
  IMPORT_TOO_LARGE: "One piece of an import has {mostLines} lines and {mostBytes} bytes at most: send it in several.",
});
