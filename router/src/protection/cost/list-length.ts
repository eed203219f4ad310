/** How long the lists of a field are expected to be. */
import type { FieldNode, GraphQLField } from "graphql";
import { valueFromAST } from "graphql";
import type { ListSize } from "../../supergraph/demand.js";

export type Variables = Readonly<Record<string, unknown>>;

export interface Slicing {
  /** The largest of the slicing arguments, of a list its length, else the assumed size; `null` when neither says anything. */
  readonly size: number | null;
  /** How many of the slicing arguments there are, defaults included. */
  readonly given: number;
}

export function slicingOf(
  { slicingArguments, assumedSize }: ListSize,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Variables,
): Slicing {
  const values = slicingArguments.map((path) => argumentAt(path, node, field, variables));
  const given = values.filter((value) => value !== null && value !== undefined);
  // What is no length, such as -1 for everything, must not make an operation cheaper.
  const sizes = given.map((value) => (Array.isArray(value) ? value.length : value)).filter(isLength);
  return { size: sizes.length > 0 ? Math.max(...sizes) : assumedSize, given: given.length };
}

function isLength(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

/** `first`, or `page.size` for a field of an input object. */
function argumentAt(
  path: string,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variables: Variables,
): unknown {
  const [name, ...inner] = path.split(".");
  const definition = field.args.find((argument) => argument.name === name);
  if (!definition) return undefined;
  const written = node.arguments?.find((argument) => argument.name.value === name)?.value;
  const value = written && valueFromAST(written, definition.type, variables);
  return inner.reduce<unknown>(
    (object, key) => (typeof object === "object" && object !== null ? (object as Variables)[key] : undefined),
    value === undefined ? definition.defaultValue : value,
  );
}
