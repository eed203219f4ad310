/** How long the lists of a field are expected to be. */
import { type FieldNode, type GraphQLArgument, type GraphQLField, Kind, type ValueNode, valueFromAST } from "graphql";
import type { ListSize } from "../../supergraph/demand.js";

export type Variables = Readonly<Record<string, unknown>>;

export interface Slicing {
  /** The largest of the slicing arguments, of a list its length, else the assumed size; `null` when neither says anything. */
  readonly size: number | null;
  /** How many of the slicing arguments there are, defaults included. */
  readonly given: number;
}

export type ReadSlicing = (variables: Variables) => Slicing;

/** What one selection of a field says about the length of its lists. */
export function compileSlicing(
  { slicingArguments, assumedSize }: ListSize,
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
): ReadSlicing {
  const reads = slicingArguments.flatMap((path) => readAt(path, node, field) ?? []);
  return (variables) => {
    let [size, given]: [number | null, number] = [null, 0];
    for (const read of reads) {
      const value = read(variables);
      if (value === null || value === undefined) continue;
      given += 1;
      const length = Array.isArray(value) ? value.length : value;
      // What is no length, such as -1 for everything, must not make an operation cheaper.
      if (typeof length === "number" && length >= 0) size = Math.max(size ?? 0, length);
    }
    return { size: size ?? assumedSize, given };
  };
}

type Read = (variables: Variables) => unknown;

/** `first`, or `page.size` for a field of an input object. */
function readAt(path: string, node: FieldNode, field: GraphQLField<unknown, unknown>): Read | null {
  const [name, ...inner] = path.split(".");
  const definition = field.args.find((argument) => argument.name === name);
  if (!definition) return null;
  const read = readArgument(definition, node.arguments?.find((argument) => argument.name.value === name)?.value);
  return inner.length === 0 ? read : (variables) => inner.reduce<unknown>(fieldOf, read(variables));
}

function readArgument({ type, defaultValue }: GraphQLArgument, written: ValueNode | undefined): Read {
  if (!written) return () => defaultValue;
  if (written.kind === Kind.VARIABLE) {
    const name = written.name.value;
    return (variables) => (variables[name] === undefined ? defaultValue : variables[name]);
  }
  return (variables) => valueFromAST(written, type, variables) ?? null;
}

function fieldOf(object: unknown, key: string): unknown {
  return typeof object === "object" && object !== null ? (object as Variables)[key] : undefined;
}
