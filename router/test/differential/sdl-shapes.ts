/** What generated data has to know of a subgraph's SDL: fields, keys, and what a field requires. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  type SelectionSetNode,
} from "graphql";

export interface Shape {
  readonly kind: "object" | "abstract";
  readonly fields: string[];
  /** Names of the fields its keys begin with. */
  readonly keys: Set<string>;
  /** Field → text of what a representation has of its `@requires`. */
  readonly requires: Map<string, (sent: Readonly<Record<string, unknown>>) => string>;
}

export type Shapes = ReadonlyMap<string, Shape>;

export function readShapes(document: DocumentNode): Shapes {
  const shapes = new Map<string, Shape>();
  for (const node of document.definitions) {
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
        readFields(shapeOf(shapes, node.name.value, "object"), node as ObjectTypeDefinitionNode);
        break;
      case Kind.INTERFACE_TYPE_DEFINITION:
        readFields(shapeOf(shapes, node.name.value, "abstract"), node as never);
        break;
      case Kind.UNION_TYPE_DEFINITION:
        shapeOf(shapes, node.name.value, "abstract");
        break;
    }
  }
  return shapes;
}

function shapeOf(shapes: Map<string, Shape>, name: string, kind: Shape["kind"]): Shape {
  const shape = shapes.get(name) ?? { kind, fields: [], keys: new Set(), requires: new Map() };
  shapes.set(name, shape);
  return shape;
}

function readFields(shape: Shape, node: ObjectTypeDefinitionNode): void {
  for (const directive of node.directives ?? []) {
    if (directive.name.value !== "key") continue;
    for (const selection of fieldSet(directive).selections) {
      if (selection.kind === Kind.FIELD) shape.keys.add(selection.name.value);
    }
  }
  for (const field of node.fields ?? []) {
    shape.fields.push(field.name.value);
    const required = field.directives?.find(({ name }) => name.value === "requires");
    if (!required) continue;
    const selections = fieldSet(required);
    shape.requires.set(field.name.value, (sent) => JSON.stringify(pick(sent, selections)));
  }
}

function fieldSet(directive: ConstDirectiveNode): SelectionSetNode {
  const value = directive.arguments?.find(({ name }) => name.value === "fields")?.value;
  const document = parse(`{ ${value?.kind === Kind.STRING ? value.value : ""} }`);
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("A field set is a selection.");
  return operation.selectionSet;
}

/** Only what is selected: a representation may hold what other fields require. */
function pick(value: unknown, { selections }: SelectionSetNode): unknown {
  if (Array.isArray(value)) return value.map((entry) => pick(entry, { kind: Kind.SELECTION_SET, selections }));
  if (value === null || typeof value !== "object") return value ?? null;
  const object = value as Record<string, unknown>;
  const picked: Record<string, unknown> = {};
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const inner = object[selection.name.value];
      picked[selection.name.value] = selection.selectionSet ? pick(inner, selection.selectionSet) : (inner ?? null);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      if (condition && object.__typename !== condition) continue;
      Object.assign(picked, pick(object, selection.selectionSet));
    }
  }
  return picked;
}
