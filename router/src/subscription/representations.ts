/** What is sent to `_entities`: the required fields of each object, equal ones once. */
import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import { type GraphQLSchema, isAbstractType, isObjectType } from "graphql";
import { type Data, isData, type Target } from "./targets.js";

/** Whether an object is of a type or of one of its implementations; an object without `__typename` is taken to be. */
export type TypeTest = (data: Data, typeName: string) => boolean;

export function createTypeTest(schema: GraphQLSchema): TypeTest {
  return (data, typeName) => {
    const own = data.__typename;
    if (typeof own !== "string" || own === typeName) return true;
    const [type, wanted] = [schema.getType(own), schema.getType(typeName)];
    return isObjectType(type) && isAbstractType(wanted) && schema.isSubType(wanted, type);
  };
}

export interface Representation {
  readonly data: Data;
  /** Every place that shows this entity. */
  readonly targets: Target[];
}

/** Objects that lack a required field are left out: what made it null has been reported already. */
export function representationsOf(
  targets: readonly Target[],
  requires: NonNullable<FetchNode["requires"]>,
  isOfType: TypeTest,
): Representation[] {
  const distinct = new Map<string, Representation>();
  for (const target of targets) {
    const data = select(target.data, requires, isOfType);
    if (!data || typeof data.__typename !== "string") continue;
    const key = JSON.stringify(data);
    const known = distinct.get(key);
    if (known) known.targets.push(target);
    else distinct.set(key, { data, targets: [target] });
  }
  return [...distinct.values()];
}

function select(source: Data, selections: readonly QueryPlanSelectionNode[], isOfType: TypeTest): Data | null {
  const chosen: Data = {};
  for (const selection of selections) {
    if (selection.kind === "InlineFragment") {
      if (selection.typeCondition !== undefined && !isOfType(source, selection.typeCondition)) continue;
      const inner = select(source, selection.selections, isOfType);
      if (!inner) return null;
      Object.assign(chosen, inner);
    } else {
      const name = selection.alias ?? selection.name;
      const value = source[name];
      if (value === undefined) return null;
      chosen[name] = selection.selections ? selectEach(value, selection.selections, isOfType) : value;
    }
  }
  return chosen;
}

function selectEach(value: unknown, selections: readonly QueryPlanSelectionNode[], isOfType: TypeTest): unknown {
  if (Array.isArray(value)) return value.map((item) => selectEach(item, selections, isOfType));
  return isData(value) ? select(value, selections, isOfType) : null;
}
