/** Whether expressions parse, and whether what they name is there. Nothing is evaluated here. */
import jsonata from "jsonata";
import { type Definition, variables } from "./definition.js";
import { expressionsOf, type PlacedExpression } from "./expressions-of.js";
import { type Finding, finding } from "./findings.js";

/** The functions of JSONata 2 without `$eval`, which would parse what nobody has checked. */
const functions = new Set(
  `sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match
   contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power
   random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert
   type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis
   fromMillis clone now millis`.split(/\s+/),
);

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly lhs?: unknown;
  readonly arguments?: readonly Node[];
  readonly focus?: unknown;
  readonly index?: unknown;
}

export function checkExpressions(definition: Definition): Finding[] {
  const declared = declaredInputs(definition);
  return expressionsOf(definition).flatMap((expression) => checkExpression(expression, declared));
}

/** Names the inputs have; null when they may have any. */
function declaredInputs({ inputs }: Definition): ReadonlySet<string> | null {
  if (inputs.additionalProperties === true) return null;
  const { properties } = inputs;
  return new Set(typeof properties === "object" && properties !== null ? Object.keys(properties) : []);
}

function checkExpression(expression: PlacedExpression, declared: ReadonlySet<string> | null): Finding[] {
  const parsed = parse(expression.text);
  if ("reason" in parsed) return [finding("EXPRESSION_INVALID", expression, { reason: parsed.reason })];
  const nodes = nodesOf(parsed.ast);
  return [...checkVariables(expression, nodes), ...checkPaths(expression, nodes, declared)];
}

function parse(text: string): { readonly ast: Node } | { readonly reason: string } {
  try {
    return { ast: jsonata(text).ast() as Node };
  } catch (error) {
    const { message, position } = error as { message?: string; position?: number };
    const place = position === undefined ? "" : ` (character ${position})`;
    return { reason: `${message ?? String(error)}${place}` };
  }
}

/** The whole tree, flat. */
function nodesOf(root: unknown): Node[] {
  const found: Node[] = [];
  const left: unknown[] = [root];
  const seen = new Set<unknown>();
  for (let current = left.pop(); current !== undefined; current = left.pop()) {
    if (typeof current !== "object" || current === null || seen.has(current)) continue;
    seen.add(current);
    if (!Array.isArray(current)) found.push(current as Node);
    left.push(...Object.values(current));
  }
  return found;
}

/** Names that the expression itself gives a meaning: assignments, arguments of functions, `@$` and `#$`. */
function boundIn(nodes: readonly Node[]): Set<string> {
  const names = nodes.flatMap((node) => {
    const assigned = node.type === "bind" ? [(node.lhs as Node).value] : [];
    const given = node.type === "lambda" ? (node.arguments ?? []).map(({ value }) => value) : [];
    return [...assigned, ...given, node.focus, node.index];
  });
  return new Set(names.filter((name) => typeof name === "string"));
}

function checkVariables(expression: PlacedExpression, nodes: readonly Node[]): Finding[] {
  const bound = boundIn(nodes);
  const rebound = [...bound].filter((name) => (variables as readonly string[]).includes(name));
  const named = nodes.filter(({ type }) => type === "variable").map(({ value }) => String(value));
  // `$` and `$$` are what JSONata calls the context and the whole input.
  const known = new Set([...expression.sees, ...bound, ...functions, "", "$"]);
  const unknown = [...new Set(named)].filter((name) => !known.has(name));
  const seen = expression.sees.map((name) => `$${name}`).join(", ");
  return [
    ...rebound.map((name) => finding("VARIABLE_REBOUND", expression, { name: `$${name}` })),
    ...unknown.map((name) => finding("VARIABLE_UNKNOWN", expression, { name: `$${name}`, known: seen })),
  ];
}

/** What `$steps` and `$input` are followed by. */
function checkPaths(
  expression: PlacedExpression,
  nodes: readonly Node[],
  declared: ReadonlySet<string> | null,
): Finding[] {
  const paths = nodes.flatMap(({ type, steps: [first, second] = [] }) =>
    type === "path" && first?.type === "variable" && second?.type === "name"
      ? [[first.value, String(second.value)]]
      : [],
  );
  const named = (variable: string) =>
    new Set(paths.flatMap(([first, name]) => (first === variable ? [`${name}`] : [])));
  const steps = [...named("steps")].flatMap((id) => {
    if (expression.steps.has(id) || !expression.sees.includes("steps")) return [];
    return [finding(expression.neighbours.has(id) ? "STEP_NOT_BEFORE" : "STEP_UNKNOWN", expression, { id })];
  });
  const inputs = [...named("input")].filter((name) => declared !== null && !declared.has(name));
  return [...steps, ...inputs.map((name) => finding("INPUT_UNDECLARED", expression, { name }))];
}
