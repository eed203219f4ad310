/**
 * The supergraph as a module sees it: as a client with a token of its own, for one tenant, with exactly the scopes it
 * states. What a person started never gets more rights than that person has.
 */
import { createModuleSigner, moduleServiceId, type Signer } from "@tessera/access";
import { type Actor, actions, type RequestFacts } from "@tessera/shared-types";
import { traceHeaders } from "@tessera/telemetry";
import type { GraphQLFormattedError } from "graphql";
import { CodedError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { deepest, depthAttributes, depthOf } from "./depth.js";
import type { GraphReply } from "./graph-door.js";
import { graphErrors } from "./graph-errors.js";
import { moduleKeyPurpose } from "./module-key.js";

export interface GraphOperation {
  /** A query or a mutation. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** All that the operation may use. */
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal;
  /** Default: as long as the request it belongs to lasts, and never longer. */
  readonly timeoutMs?: number;
}

export interface GraphResult {
  readonly data: Readonly<Record<string, unknown>> | null;
  /** Of fields, or of the operation as a whole; each has `extensions.code`. */
  readonly errors?: readonly GraphQLFormattedError[];
}

export interface GraphClient {
  /** @throws CodedError `GRAPH_…` when the operation could not be carried out at all; see graph-errors.ts. */
  execute(operation: GraphOperation): Promise<GraphResult>;
}

/** In whose name, and for how long, a context asks. */
export interface GraphCaller {
  readonly module: string;
  readonly operates: readonly string[];
  readonly actor: Actor;
  readonly request: RequestFacts;
  readonly runtime: Runtime;
}

/** Longer than the router lets an operation take. */
const tokenSeconds = 90;
const scopePattern = new RegExp(`^[a-z][a-z0-9-]*:(${actions.join("|")})$`);

export function createGraphClient(caller: GraphCaller): GraphClient {
  return { execute: (operation) => execute(operation, caller) };
}

async function execute(operation: GraphOperation, caller: GraphCaller): Promise<GraphResult> {
  checkScopes(operation.scopes, caller);
  const depth = depthOf(caller.actor) + 1;
  if (depth > deepest) throw graphErrors.GRAPH_TOO_DEEP({ depth, limit: deepest });
  const { graph } = caller.runtime;
  if (!graph) throw graphErrors.GRAPH_UNAVAILABLE();
  const token = await tokenFor(operation, caller, depth);
  const clock = startClock(operation, caller.request);
  const { query, variables, operationName } = operation;
  try {
    const reply = await graph.execute({
      query,
      ...(variables ? { variables } : {}),
      ...(operationName ? { operationName } : {}),
      headers: { authorization: `Bearer ${token}`, "x-request-id": caller.request.requestId, ...traceHeaders() },
      signal: clock.signal,
    });
    clock.check();
    return resultOf(reply);
  } catch (error) {
    clock.check();
    if (error instanceof CodedError) throw error;
    caller.runtime.telemetry.log.warn({ err: error, module: caller.module }, "the supergraph was not reached");
    throw graphErrors.GRAPH_UNAVAILABLE();
  } finally {
    clock.stop();
  }
}

/** Nobody acts through a module with more rights than they have; the module by itself has those it states. */
function checkScopes(scopes: readonly string[], { module, operates, actor }: GraphCaller): void {
  if (!operates.includes("graph")) throw graphErrors.GRAPH_NOT_STATED({ module });
  const strange = scopes.find((scope) => !scopePattern.test(scope));
  if (strange !== undefined) throw graphErrors.GRAPH_SCOPE_INVALID({ scope: strange });
  if (actor.kind === "system") return;
  const exceeding = scopes.filter((scope) => !actor.scopes.has(scope));
  if (exceeding.length > 0) throw graphErrors.GRAPH_SCOPES_EXCEEDED({ scopes: exceeding.join(", ") });
}

async function tokenFor({ scopes }: GraphOperation, { module, actor, runtime }: GraphCaller, depth: number) {
  const { token } = await signerOf(runtime).sign({
    kind: "service",
    id: moduleServiceId(module),
    tenantId: actor.tenantId,
    scopes: new Set(scopes),
    roles: [],
    attributes: { module: [module], tier: ["module"], ...depthAttributes(depth) },
  });
  return token;
}

/** The key is derived once for each process. */
const signers = new WeakMap<Runtime["secrets"], Signer>();

function signerOf({ secrets }: Runtime): Signer {
  const known = signers.get(secrets);
  if (known) return known;
  const signer = createModuleSigner(secrets.key(moduleKeyPurpose), tokenSeconds);
  signers.set(secrets, signer);
  return signer;
}

/** One signal for everything that ends a call, and which of it did. */
function startClock({ signal, timeoutMs }: GraphOperation, request: RequestFacts) {
  const milliseconds = Math.max(1, Math.min(request.deadline - Date.now(), timeoutMs ?? Number.POSITIVE_INFINITY));
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), milliseconds);
  const given = [request.signal, ...(signal ? [signal] : [])];
  return {
    signal: AbortSignal.any([late.signal, ...given]),
    check() {
      if (given.some(({ aborted }) => aborted)) throw graphErrors.GRAPH_CANCELLED();
      if (late.signal.aborted) throw graphErrors.GRAPH_TIMEOUT({ milliseconds });
    },
    stop: () => clearTimeout(timer),
  };
}

/** @throws CodedError when the whole request was refused, or what answered is no GraphQL server */
function resultOf({ status, body }: GraphReply): GraphResult {
  const { data, errors } = (body ?? {}) as Partial<GraphResult>;
  const isAnswer = data !== undefined || Array.isArray(errors);
  const [first] = errors ?? [];
  if (status === 503 || status === 502 || (status === 429 && data === undefined)) throw graphErrors.GRAPH_UNAVAILABLE();
  if (!isAnswer || status === 401) {
    throw graphErrors.GRAPH_REFUSED({ status, reason: first?.message ?? "it did not answer with GraphQL." });
  }
  return { data: data ?? null, ...(errors ? { errors } : {}) };
}
