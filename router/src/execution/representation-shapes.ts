/**
 * What a fetch requires of its objects, worked out per concrete type: fragments are folded into fields, input rewrites
 * into names and constants.
 */
import type { FetchNode, QueryPlanSelectionNode } from "@apollo/query-planner";
import type { TypeNames } from "./type-names.js";

/** What is sent of an object whose type is one of `names`. */
export interface Shape {
  /** `null` for an object of any type. */
  readonly names: readonly string[] | null;
  readonly fields: readonly ShapeField[];
}

export interface ShapeField {
  /** Key in the tree, and the name the subgraph knows. */
  readonly from: string;
  readonly to: string;
  /** JSON text of a value that does not depend on the object. */
  readonly constant: string | null;
  /** How an object is sent, by its type; `null` for a leaf. */
  readonly shapes: readonly Shape[] | null;
}

type Selections = readonly QueryPlanSelectionNode[];
type Rewrites = NonNullable<FetchNode["inputRewrites"]>;

/** Shapes of entities: one for every type named by a fragment. */
export function representationShapes(requires: Selections, rewrites: Rewrites, types: TypeNames): Shape[] {
  return shapesOf(requires, types)
    .map((shape) =>
      rewrites.reduce((rewritten, rewrite) => rewriteShape(rewritten, rewrite, rewrite.path, types), shape),
    )
    .reduce<Shape[]>(grouped, []);
}

function shapesOf(selections: Selections, types: TypeNames): Shape[] {
  const names = [...new Set(conditionsIn(selections).flatMap((name) => types.namesOf(name)))];
  if (names.length === 0) return [{ names: null, fields: fieldsOf(selections, null, types) }];
  return names.map((name) => ({ names: [name], fields: fieldsOf(selections, name, types) }));
}

function conditionsIn(selections: Selections): string[] {
  return selections.flatMap((selection) =>
    selection.kind === "InlineFragment"
      ? [...(selection.typeCondition ? [selection.typeCondition] : []), ...conditionsIn(selection.selections)]
      : [],
  );
}

function fieldsOf(selections: Selections, typeName: string | null, types: TypeNames): ShapeField[] {
  const byName = new Map<string, QueryPlanSelectionNode[] | null>();
  const collect = (among: Selections): void => {
    for (const selection of among) {
      if (selection.kind === "InlineFragment") {
        const { typeCondition } = selection;
        if (typeCondition === undefined || typeName === null || types.namesOf(typeCondition).includes(typeName))
          collect(selection.selections);
      } else {
        const name = selection.alias ?? selection.name;
        const inner = selection.selections;
        byName.set(name, inner ? [...(byName.get(name) ?? []), ...inner] : null);
      }
    }
  };
  collect(selections);
  return [...byName].map(([name, inner]) => ({
    from: name,
    to: name,
    constant: null,
    shapes: inner ? nestedShapes(inner, types) : null,
  }));
}

/** Objects below an entity may leave out their type: then everything that is there is sent. */
function nestedShapes(inner: Selections, types: TypeNames): Shape[] {
  const shapes = shapesOf(inner, types).reduce<Shape[]>(grouped, []);
  return shapes.length === 1 && shapes[0]?.names === null
    ? shapes
    : [...shapes, { names: null, fields: fieldsOf(inner, null, types) }];
}

function grouped(shapes: Shape[], shape: Shape): Shape[] {
  const text = JSON.stringify(shape.fields);
  const same = shapes.findIndex(({ names, fields }) => names && shape.names && JSON.stringify(fields) === text);
  const found = shapes[same];
  if (!found?.names || !shape.names) return [...shapes, shape];
  return shapes.with(same, { ...found, names: [...found.names, ...shape.names] });
}

function rewriteShape(shape: Shape, rewrite: Rewrites[number], path: readonly string[], types: TypeNames): Shape {
  const [step, ...further] = path;
  if (step === undefined) return shape;
  if (step.startsWith("... on ")) {
    const wanted = types.namesOf(step.slice("... on ".length));
    const isMeant = !shape.names || shape.names.some((name) => wanted.includes(name));
    return isMeant ? rewriteShape(shape, rewrite, further, types) : shape;
  }
  const at = shape.fields.findIndex(({ to }) => to === step);
  const field = shape.fields[at];
  if (further.length > 0) {
    if (!field?.shapes) return shape;
    const shapes = field.shapes.map((inner) => rewriteShape(inner, rewrite, further, types));
    return { ...shape, fields: shape.fields.with(at, { ...field, shapes }) };
  }
  if (rewrite.kind === "KeyRenamer") {
    return field ? { ...shape, fields: shape.fields.with(at, { ...field, to: rewrite.renameKeyTo }) } : shape;
  }
  const constant = JSON.stringify(rewrite.setValueTo);
  const set = { from: step, to: step, constant, shapes: null };
  return { ...shape, fields: field ? shape.fields.with(at, set) : [...shape.fields, set] };
}
