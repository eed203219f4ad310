/** A supergraph, read for everything but planning: what clients may ask, who may ask it, and where it comes from. */
import { setImmediate as pause } from "node:timers/promises";
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse } from "graphql";
import { type AccessMap, readAccessMap } from "../access/access-map.js";
import { buildApiSchema } from "./api-schema.js";
import { type Demand, readDemand } from "./demand.js";
import {
  joinIdentity,
  readKeyFields,
  readOverrideLabels,
  readRequiredFields,
  readSubgraphs,
  type SubgraphEntry,
} from "./joins.js";
import { Links } from "./links.js";
import { findSecurityDirectives } from "./security-directives.js";
import { readSubtypes, type Subtypes } from "./subtypes.js";
import { SupergraphError } from "./supergraph-error.js";

export interface Supergraph {
  /** As it was given; the planner takes it whole. */
  readonly sdl: string;
  /** What clients see: no federation directives, nothing inaccessible. Knows `@defer` unless told otherwise. */
  readonly apiSchema: GraphQLSchema;
  readonly subgraphs: readonly SubgraphEntry[];
  readonly access: AccessMap;
  readonly demand: Demand;
  /** `Type.field` → the labels of its `@override(label:)`. */
  readonly overrideLabels: ReadonlyMap<string, readonly string[]>;
  /** Names of fields that some subgraph requires or takes from a context: plans ask for them unseen. */
  readonly requiredFields: ReadonlySet<string>;
  /** Names of fields that keys consist of. */
  readonly keyFields: ReadonlySet<string>;
  readonly subtypes: Subtypes;
}

/** Features a router has to understand, because they are linked for security or execution; the planner knows the same. */
const understood = new Set(
  ["core", "link", "join", "tag", "inaccessible", "authenticated", "requiresScopes", "policy", "context", "cost"].map(
    (name) => `https://specs.apollo.dev/${name}`,
  ),
);

export interface SupergraphOptions {
  /** Clients may use `@defer`. Default true. */
  readonly defer?: boolean;
}

/** @throws SupergraphError that says what to do. */
export function buildSupergraph(sdl: string, options: SupergraphOptions = {}): Supergraph {
  const building = inSteps(sdl, options);
  for (;;) {
    const step = building.next();
    if (step.done) return step.value;
  }
}

/** The same; requests are answered between its steps. */
export async function buildSupergraphMeanwhile(sdl: string, options: SupergraphOptions = {}): Promise<Supergraph> {
  const building = inSteps(sdl, options);
  for (;;) {
    const step = building.next();
    if (step.done) return step.value;
    await pause();
  }
}

function* inSteps(sdl: string, { defer = true }: SupergraphOptions): Generator<void, Supergraph, void> {
  const document = parseSupergraph(sdl);
  const links = new Links(document);
  refuseUnknown(links);
  const subgraphs = readSubgraphs(document, links);
  if (subgraphs.length === 0) throw new SupergraphError("SUPERGRAPH_NOT_COMPOSED");
  yield;
  const apiSchema = consistent(() => buildApiSchema(document, links, { defer }));
  yield;
  const access = readAccessMap(document, findSecurityDirectives(document));
  const demand = readDemand(document, links);
  const overrideLabels = readOverrideLabels(document, links);
  yield;
  const requiredFields = consistent(() => readRequiredFields(document, links));
  const keyFields = consistent(() => readKeyFields(document, links));
  const subtypes = readSubtypes(document);
  yield;
  return { sdl, apiSchema, subgraphs, access, demand, overrideLabels, requiredFields, keyFields, subtypes };
}

function parseSupergraph(sdl: string): DocumentNode {
  try {
    return parse(sdl, { noLocation: true });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [place] = error.locations ?? [];
    const at = place ? ` (line ${place.line}, column ${place.column})` : "";
    throw new SupergraphError("SUPERGRAPH_NOT_GRAPHQL", { reason: `${error.message}${at}` }, { cause: error });
  }
}

function refuseUnknown(links: Links): void {
  const join = links.find(joinIdentity);
  if (!join) throw new SupergraphError("SUPERGRAPH_NOT_COMPOSED");
  const [major = 0, minor = 0] = join.version;
  if (major === 0 && minor < 2) {
    throw new SupergraphError("SUPERGRAPH_OF_FEDERATION_1", { version: `v${join.version.join(".")}` });
  }
  const isNewer = major > 0 || minor > 5;
  const unknown = isNewer ? join : links.all.find(({ identity, purpose }) => purpose && !understood.has(identity));
  if (unknown) {
    const feature = `${unknown.identity}/v${unknown.version.join(".")}`;
    throw new SupergraphError("SUPERGRAPH_FEATURE_UNKNOWN", { feature, purpose: unknown.purpose ?? "EXECUTION" });
  }
}

/** A schema whose parts contradict each other is refused by whoever meets the contradiction first. */
function consistent<Result>(build: () => Result): Result {
  try {
    return build();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SupergraphError("SUPERGRAPH_INVALID", { reason: reason.replace(/\.$/, "") }, { cause: error });
  }
}
