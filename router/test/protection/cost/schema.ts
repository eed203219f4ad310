/** Supergraphs composed of one subgraph with costs, and their demand control. */
import { createTelemetry } from "@tessera/telemetry";
import { getOperationAST, getVariableValues, parse, validate } from "graphql";
import { compose } from "../../../src/composition/compose.js";
import { type CostOptions, createCostControl } from "../../../src/protection/cost/cost-control.js";
import type { WindowStore } from "../../../src/protection/windows.js";
import type { ListSize } from "../../../src/supergraph/demand.js";
import { buildSupergraph } from "../../../src/supergraph/supergraph.js";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@cost", "@listSize", "@key"])`;

export const { log } = createTelemetry({ service: "test", level: "silent" });

/** `more` is what newer compositions let a supergraph say, such as lists as slicing arguments. */
export function costsOf(sdl: string, more: Readonly<Record<string, ListSize>> = {}) {
  const source = { name: "shop", sdl: `${link}\n${sdl}`, file: "/shop.graphql", url: "http://shop" };
  const { apiSchema, demand: composed } = buildSupergraph(compose([source]).supergraphSdl);
  const demand = { ...composed, listSizes: new Map([...composed.listSizes, ...Object.entries(more)]) };

  function operation(text: string) {
    const document = parse(text);
    const found = getOperationAST(document);
    const problem = validate(apiSchema, document)[0];
    if (problem ?? !found) throw problem ?? new Error("no operation");
    return { document, operation: found as NonNullable<typeof found> };
  }

  function control(options: CostOptions = {}, store?: WindowStore) {
    const all: CostOptions = { mode: "enforce", max: Number.MAX_SAFE_INTEGER, ...options };
    return createCostControl(all, { schema: apiSchema, demand, log, ...(store ? { store } : {}) });
  }

  function coerced(source: ReturnType<typeof operation>, variables: Record<string, unknown>) {
    const values = getVariableValues(apiSchema, source.operation.variableDefinitions ?? [], variables);
    if (!values.coerced) throw values.errors[0];
    return values.coerced;
  }

  async function estimate(text: string, variables: Record<string, unknown> = {}, options: CostOptions = {}) {
    const source = operation(text);
    const verdict = await control(options).check(source, coerced(source, variables), { actor: null });
    return verdict.problem ? verdict.problem.code : verdict.estimated;
  }

  function actual(text: string, data: unknown, variables: Record<string, unknown> = {}) {
    const source = operation(text);
    return control().actual(source, coerced(source, variables), data);
  }

  return { apiSchema, operation, control, coerced, estimate, actual };
}
