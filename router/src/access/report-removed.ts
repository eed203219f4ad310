/** One error per selection that was taken out, with the path it would have had; `@` stands for every item of a list. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLIncludeDirective,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { RouterError } from "../errors/router-error.js";
import { fragmentsOf } from "./filter-operation.js";

export interface Removal {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly removed: ReadonlySet<SelectionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether the actor is known, which decides what would help: to log in, or to get a permission. */
  readonly known: boolean;
}

/** More tell the client nothing new, and a fragment used many times must not make the answer huge. */
const mostErrors = 100;

export function reportRemoved(removal: Removal, schema: GraphQLSchema): RouterError[] {
  const reporter = new Reporter(removal, schema);
  const root = schema.getRootType(removal.operation.operation);
  if (root) reporter.walk(removal.operation.selectionSet, root, []);
  return reporter.errors;
}

class Reporter {
  readonly errors: RouterError[] = [];
  readonly #removal: Removal;
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(removal: Removal, schema: GraphQLSchema) {
    this.#removal = removal;
    this.#schema = schema;
    this.#fragments = fragmentsOf(removal.document);
  }

  walk(set: SelectionSetNode, parent: GraphQLCompositeType, path: readonly string[]): void {
    for (const selection of set.selections) {
      if (this.errors.length >= mostErrors) return;
      if (this.#isSkipped(selection)) continue;
      if (selection.kind === Kind.FIELD) this.#field(selection, parent, path);
      else this.#fragment(selection, parent, path);
    }
  }

  #field(field: FieldNode, parent: GraphQLCompositeType, path: readonly string[]): void {
    const definition = "getFields" in parent ? parent.getFields()[field.name.value] : undefined;
    if (!definition) return;
    const here = [...path, field.alias?.value ?? field.name.value];
    const type = getNamedType(definition.type);
    if (this.#removal.removed.has(field)) {
      this.#report(`${parent.name}.${field.name.value}`, here);
    } else if (field.selectionSet && isCompositeType(type)) {
      this.walk(field.selectionSet, type, [...here, ...listMarks(definition.type)]);
    }
  }

  #fragment(selection: SelectionNode, parent: GraphQLCompositeType, path: readonly string[]): void {
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value) : selection;
    if (!fragment || !("selectionSet" in fragment) || !fragment.selectionSet) return;
    const condition = "typeCondition" in fragment ? fragment.typeCondition?.name.value : undefined;
    const type = condition === undefined ? parent : this.#schema.getType(condition);
    if (!isCompositeType(type)) return;
    if (this.#removal.removed.has(selection)) this.#report(type.name, path);
    else this.walk(fragment.selectionSet, type, path);
  }

  #report(coordinate: string, path: readonly string[]): void {
    const reason = this.#removal.known ? "FORBIDDEN" : "UNAUTHENTICATED";
    this.errors.push(new RouterError("UNAUTHORIZED_FIELD_OR_TYPE", { coordinate, reason }, { path }));
  }

  #isSkipped(selection: SelectionNode): boolean {
    const { variables } = this.#removal;
    if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.if === true) return true;
    return getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.if === false;
  }
}

function listMarks(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return listMarks(type.ofType);
  return isListType(type) ? ["@", ...listMarks(type.ofType)] : [];
}
