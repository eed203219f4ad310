/** Which object types an abstract type stands for, inaccessible ones included: subgraphs may answer with any of them. */
import { type DocumentNode, Kind } from "graphql";

export interface Subtypes {
  /** Interface or union → the names of its object types. */
  readonly possibleTypes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Object type or interface → every interface and union it belongs to. */
  readonly supertypes: ReadonlyMap<string, ReadonlySet<string>>;
}

export function readSubtypes(supergraph: DocumentNode): Subtypes {
  const possibleTypes = new Map<string, Set<string>>();
  const supertypes = new Map<string, Set<string>>();
  for (const definition of supergraph.definitions) {
    switch (definition.kind) {
      case Kind.INTERFACE_TYPE_DEFINITION:
        if (!possibleTypes.has(definition.name.value)) possibleTypes.set(definition.name.value, new Set());
        for (const above of definition.interfaces ?? []) put(supertypes, definition.name.value, above.name.value);
        break;
      case Kind.OBJECT_TYPE_DEFINITION:
        for (const above of definition.interfaces ?? []) {
          put(possibleTypes, above.name.value, definition.name.value);
          put(supertypes, definition.name.value, above.name.value);
        }
        break;
      case Kind.UNION_TYPE_DEFINITION:
        for (const member of definition.types ?? []) {
          put(possibleTypes, definition.name.value, member.name.value);
          put(supertypes, member.name.value, definition.name.value);
        }
        break;
      default:
    }
  }
  return { possibleTypes, supertypes };
}

function put(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
