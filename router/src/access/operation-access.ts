/** The access step of an operation: what may be executed, and what is reported. */
import type { Actor } from "@tessera/shared-types";
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { AccessMap } from "./access-map.js";
import { SchemaAccess, unmet } from "./coordinate-access.js";
import { type Filtered, filterOperation } from "./filter-operation.js";
import type { Requirement } from "./requirement.js";

/** A filtered operation and a short text that is equal for actors who see the same of it. */
export interface Permitted extends Filtered {
  /** Empty when nothing was removed. */
  readonly variant: string;
}

/** Answers are kept per operation and set of scopes, for as long as the parsed document lives. */
export class OperationAccess {
  readonly #schema: GraphQLSchema;
  readonly #access: SchemaAccess;
  readonly #answers = new WeakMap<OperationDefinitionNode, Map<string, Permitted>>();

  constructor(schema: GraphQLSchema, map: AccessMap) {
    this.#schema = schema;
    this.#access = new SchemaAccess(schema, map);
  }

  permit(document: DocumentNode, operation: OperationDefinitionNode, actor: Actor | null): Permitted {
    if (this.#access.isOpen) return { document, removed: new Set(), variant: "" };
    const known = this.#answersFor(operation);
    const key = actor === null ? "" : scopeKey(actor);
    const answer = known.get(key) ?? this.#filter(document, operation, actor);
    // Custom roles could make any number of scope sets; the map starts over rather than growing without end.
    if (known.size >= 100) known.clear();
    known.set(key, answer);
    return answer;
  }

  #filter(document: DocumentNode, operation: OperationDefinitionNode, actor: Actor | null): Permitted {
    const refuses = (requirements: readonly Requirement[]) => unmet(requirements, actor) !== undefined;
    const filtered = filterOperation(document, operation, this.#schema, this.#access, refuses);
    return { ...filtered, variant: variantOf(filtered) };
  }

  #answersFor(operation: OperationDefinitionNode): Map<string, Permitted> {
    const known = this.#answers.get(operation) ?? new Map<string, Permitted>();
    this.#answers.set(operation, known);
    return known;
  }
}

/** Where the removed selections stand in the text names the variant: equal text, equal places, equal operation. */
function variantOf({ removed }: Filtered): string {
  return [...removed].map(({ loc }) => loc?.start ?? "?").join(",");
}

const scopeKeys = new WeakMap<ReadonlySet<string>, string>();

function scopeKey({ scopes }: Actor): string {
  const key = scopeKeys.get(scopes) ?? ` ${[...scopes].sort().join(" ")}`;
  scopeKeys.set(scopes, key);
  return key;
}
