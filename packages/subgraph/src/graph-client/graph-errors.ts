import { defineErrors } from "../errors.js";

/** Why the supergraph did not carry a module's operation out. What its fields answer with are errors of the result. */
export const graphErrors = defineErrors("graph", {
  GRAPH_NOT_STATED: 'Module {module} does not say that it calls the supergraph: add `operates: ["graph"]` to it.',
  GRAPH_SCOPE_INVALID: '"{scope}" is no scope: write <module>:<read|write|approve|admin>.',
  GRAPH_SCOPES_EXCEEDED: "The operation asks for more than whoever started it may do: {scopes}.",
  GRAPH_TOO_DEEP: "{depth} automatic steps have caused each other, more than {limit}: something here triggers itself.",
  GRAPH_UNAVAILABLE: "The supergraph cannot be reached at the moment: try again.",
  GRAPH_TIMEOUT: "The supergraph did not answer within {milliseconds} ms.",
  GRAPH_CANCELLED: "The operation was given up before the supergraph answered.",
  GRAPH_REFUSED: "The supergraph refused the request with status {status}: {reason}",
  GRAPH_ANSWER_TOO_LARGE: "The answer is larger than {limit} bytes: ask for less, or page by page.",
});
