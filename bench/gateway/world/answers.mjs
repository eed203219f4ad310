/** Executes the four subgraphs with graphql-js and remembers each answer, so that a benchmark measures the gateway alone. */
import { createRequire } from "node:module";
import { resolvers } from "./resolvers.mjs";
import { schemas } from "./schemas.mjs";

// `graphql` has an ESM and a CommonJS build whose classes do not mix; Apollo's packages load the CommonJS one.
const require = createRequire(import.meta.url);
const { execute, parse } = require("graphql");
const { buildSubgraphSchema } = require("@apollo/subgraph");

/** @returns a function from `{ query, operationName, variables }` to a promise of `{ data, errors }`. */
export function executorOf(name) {
  const schema = buildSubgraphSchema({ typeDefs: parse(schemas[name]), resolvers: resolvers[name] });
  return async ({ query, operationName, variables }) =>
    execute({ schema, document: parse(query), operationName, variableValues: variables ?? {} });
}

/**
 * @returns a function from the JSON text of a request to the bytes of its answer: compact JSON in the order of the
 * selection. The first time it is a promise of them.
 */
export function rememberingExecutorOf(name) {
  const run = executorOf(name);
  const known = new Map();
  const remember = async (body) => {
    const answer = Buffer.from(JSON.stringify(await run(JSON.parse(body))));
    known.set(body, answer);
    return answer;
  };
  return (body) => known.get(body) ?? remember(body);
}
