/** What crosses a border between modules, processes and clients. No behaviour lives here but how errors are made. */
export type { Actor } from "./actor.js";
export type { RequestFacts, SubgraphConnection, SubgraphRequest, SubgraphResult } from "./connection.js";
export { type ErrorDetails, type ErrorWithCode, errorClass, fillSentence } from "./errors.js";
export { defineEvent, type EventContract, type EventEnvelope } from "./events/define.js";
export * as esgEvents from "./events/esg.js";
export * as platformEvents from "./events/platform.js";
export { type Action, actions, type BuiltInRole, builtInRoles, modules } from "./permissions.js";
