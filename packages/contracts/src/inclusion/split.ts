/** Objects told apart by the value of one property, as alternatives usually are. */
import type { Case } from "./cases.js";
import { possibleCases } from "./emptiness.js";
import type { TypedCase } from "./judge.js";
import { type Node, Root } from "./node.js";
import { requiredNames, valueAt } from "./property-values.js";

const maxValues = 32;
const made = new Map<string, Node>();
const maxMade = 1000;

/** For each property that is always there and has few values: the object once per value. Together the same objects. */
export function splitByProperty(one: TypedCase): Case[][] {
  if (one.type !== "object") return [];
  return [...requiredNames(one.parts)].flatMap((name) => {
    const values = fewValues(valueAt(one.parts, name));
    if (!values || values.length < 2) return [];
    return [values.map((value) => ({ ...one, parts: [...one.parts, withValue(name, value)] }))];
  });
}

function fewValues(nodes: readonly Node[]): unknown[] | undefined {
  if (nodes.length === 0) return undefined;
  const cases = possibleCases(nodes);
  if (!cases.every((each) => each.type === "values")) return undefined;
  const values = cases.flatMap(({ values }) => values);
  return values.length <= maxValues ? values : undefined;
}

/** The same node for the same value, so that a question that comes up again is known. */
function withValue(name: string, value: unknown): Node {
  const key = JSON.stringify([name, value]);
  const known = made.get(key);
  if (known) return known;
  const node = new Root({ properties: { [name]: { const: value } } }, Number.POSITIVE_INFINITY).at("");
  if (made.size >= maxMade) made.clear();
  made.set(key, node);
  return node;
}
