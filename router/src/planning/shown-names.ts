/**
 * What the client asked, with the names its data has in the tree of an execution. An alias that was made private for
 * the planner is so here too, and a selection that was refused gets a name that no plan fetches: a key or a required
 * field that the sender may not see is there, but not for it.
 */
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  visit,
} from "graphql";
import type { Planned } from "./planner.js";

export interface ShownOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export interface NamedOperation<Shown> {
  readonly shown: Shown;
  /** The same plan, with the text and the response names of `shown`. */
  readonly planned: Planned;
}

/** `removed`: nodes of `shown` that access took out. `reserved`: names of the fields plans ask for by themselves. */
export function nameShown<Shown extends ShownOperation>(
  shown: Shown,
  removed: ReadonlySet<SelectionNode>,
  planned: Planned,
  reserved: ReadonlySet<string>,
): NamedOperation<Shown> {
  if (removed.size === 0 && Object.keys(planned.responseNames).length === 0) return { shown, planned };
  const names = new Names(planned);
  const hiddenFragments = new Set(
    [...removed].flatMap((node) => (node.kind === Kind.FRAGMENT_SPREAD ? [node.name.value] : [])),
  );
  /** Whether each fragment around the node was refused. */
  const around: boolean[] = [];
  const leave = (): void => void around.pop();

  const document: DocumentNode = visit(shown.document, {
    InlineFragment: { enter: (node) => void around.push(removed.has(node)), leave },
    FragmentDefinition: { enter: (node) => void around.push(hiddenFragments.has(node.name.value)), leave },
    Field: (field) => {
      const key = field.alias?.value ?? field.name.value;
      const isRefused = removed.has(field) || around.includes(true);
      const isFetched = reserved.has(key) || key === "__typename";
      const name = isRefused ? isFetched && names.refused(key) : names.ofPlan(field);
      return name ? { ...field, alias: { kind: Kind.NAME as const, value: name } } : undefined;
    },
  });
  const operation = document.definitions[shown.document.definitions.indexOf(shown.operation)];
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError("the operation is not in its document");
  return {
    shown: { ...shown, document, operation },
    planned: { ...planned, text: print(document), responseNames: names.all },
  };
}

class Names {
  readonly all: Record<string, string>;
  /** `alias field` → the private alias of the plan. */
  readonly #private = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor({ text, responseNames }: Planned) {
    this.all = { ...responseNames };
    visit(parse(text, { noLocation: true }), {
      Field: ({ alias, name }) => {
        const key = alias?.value ?? name.value;
        this.#taken.add(key);
        if (Object.hasOwn(responseNames, key)) this.#private.set(`${responseNames[key]} ${name.value}`, key);
      },
    });
  }

  ofPlan({ alias, name }: FieldNode): string | undefined {
    return alias && this.#private.get(`${alias.value} ${name.value}`);
  }

  refused(key: string): string {
    let name = `_refused_${key}`;
    while (this.#taken.has(name)) name = `_${name}`;
    this.all[name] = key;
    return name;
  }
}
