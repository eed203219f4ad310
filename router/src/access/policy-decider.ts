/** Who decides the policies of `@policy`, when that is not left to the subgraphs. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Actor } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { fromJson } from "../request/json-text.js";
import type { RequestContext } from "../request/request-context.js";
import type { CallSubgraph, SubgraphOperation } from "../subgraphs/subgraph-call.js";
import type { Decisions } from "./requirement.js";

/** What a decision may look at. */
export interface PolicyFacts {
  readonly actor: Actor | null;
  readonly context: RequestContext;
}

/** Asked once for each request whose operation names policies. Policies missing in the answer stay undecided. */
export type PolicyDecider = (policies: readonly string[], facts: PolicyFacts) => Decisions | Promise<Decisions>;

/** Section `authorization.policies`: a module file that exports `decide`, or a root query field of a subgraph. */
export type PolicyOptions = { readonly module: string } | PolicyField;

/** A field `<field>(policies: [String!]!): [String!]!` that answers with those that hold for the request's actor. */
export interface PolicyField {
  readonly subgraph: string;
  readonly field: string;
}

const undecided: Decisions = {};

/** What the section says; without it every policy stays undecided. @throws TypeError for a module or field that is none. */
export async function createPolicyDecider(
  options: PolicyOptions | undefined,
  { call, log }: { readonly call: CallSubgraph; readonly log: Log },
): Promise<PolicyDecider> {
  if (!options) return () => undecided;
  return failingClosed(
    "module" in options ? await loadPolicyModule(options.module) : decideByField(options, call),
    log,
  );
}

/** @throws TypeError when the module exports no function `decide`. */
export async function loadPolicyModule(file: string): Promise<PolicyDecider> {
  const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly decide?: unknown };
  if (typeof module.decide !== "function") throw new TypeError(`The policy module ${file} exports no function decide.`);
  return module.decide as PolicyDecider;
}

/** While the subgraph gives no proper answer, no policy holds. */
export function decideByField({ subgraph, field }: PolicyField, call: CallSubgraph): PolicyDecider {
  if (!/^[_A-Za-z]\w*$/.test(field)) throw new TypeError(`${field} is not the name of a field.`);
  const operation: SubgraphOperation = {
    subgraph,
    text: `query Policies($policies:[String!]!){${field}(policies:$policies)}`,
    name: "Policies",
    kind: "query",
    entities: [],
  };
  return async (policies, { context }) => {
    const answer = await call({ operation, variables: { policies }, representations: [], context });
    const body = answer.form === "text" ? (fromJson(answer.text) as Body) : answer;
    const held = body.data?.[field];
    if (answer.form === "text") answer.onRead?.(!Array.isArray(held));
    if (!Array.isArray(held)) throw new Error(`${subgraph} did not say which policies hold.`);
    return Object.fromEntries(policies.map((policy) => [policy, held.includes(policy)]));
  };
}

interface Body {
  readonly data?: Record<string, unknown> | null | undefined;
}

/** A decider whose failures are logged and mean that none of the policies holds. */
export function failingClosed(decide: PolicyDecider, log: Log): PolicyDecider {
  const none = (policies: readonly string[], error: unknown): Decisions => {
    log.error({ err: error, policies }, "policies could not be decided; none of them holds");
    return Object.fromEntries(policies.map((policy) => [policy, false]));
  };
  return (policies, facts) => {
    try {
      const decided = decide(policies, facts);
      return isPromise(decided) ? decided.catch((error: unknown) => none(policies, error)) : decided;
    } catch (error) {
      return none(policies, error);
    }
  };
}

function isPromise(value: Decisions | Promise<Decisions>): value is Promise<Decisions> {
  return typeof (value as Promise<Decisions>).then === "function";
}
