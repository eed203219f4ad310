/** Operations by their text: parsed, validated and measured once, the least recently used forgotten first. */
import {
  BREAK,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  type OperationTypeNode,
  separateOperations,
  specifiedRules,
  validate,
  visit,
} from "graphql";
import { codedAs } from "../errors/coded-as.js";
import { RouterError } from "../errors/router-error.js";
import { parseWithin } from "../protection/limits.js";

export interface Operation {
  /** This operation and the fragments it uses; other operations of the text are left out. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly kind: OperationTypeNode;
  readonly name: string | undefined;
  /** Why nobody may run it, however small the data: it is larger than the limits allow. */
  readonly refusal: RouterError | null;
  /** It may be answered in parts. */
  readonly hasDefer: boolean;
}

export type Found = Operation | { readonly errors: readonly GraphQLError[] };

export interface OperationsOptions {
  readonly maxTokens: number;
  /** Without introspection, errors suggest no names either. */
  readonly introspection: boolean;
  readonly limitBroken: (document: DocumentNode, operation: OperationDefinitionNode) => RouterError | null;
  /** Default 1,000. */
  readonly maxEntries?: number;
}

type Checked = { readonly document: DocumentNode; readonly named: Map<string, Operation> } | Refused;
type Refused = { readonly errors: readonly GraphQLError[] };

export class Operations {
  readonly #schema: GraphQLSchema;
  readonly #options: OperationsOptions;
  readonly #rules: typeof specifiedRules;
  readonly #checked = new Map<string, Checked>();
  hits = 0;
  misses = 0;

  constructor(schema: GraphQLSchema, options: OperationsOptions) {
    this.#schema = schema;
    this.#options = options;
    this.#rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  }

  get size(): number {
    return this.#checked.size;
  }

  /** The operation to run, or why there is none: each error has a code. */
  get(text: string, operationName?: string | null): Found {
    const checked = this.#recent(text);
    if ("errors" in checked) return checked;
    const name = operationName ?? "";
    const known = checked.named.get(name);
    if (known) return known;
    const found = this.#select(checked.document, operationName);
    // Names that do not exist are without number.
    if ("operation" in found) checked.named.set(name, found);
    return found;
  }

  #recent(text: string): Checked {
    const known = this.#checked.get(text);
    if (known) {
      this.hits += 1;
      this.#checked.delete(text);
      this.#checked.set(text, known);
      return known;
    }
    this.misses += 1;
    const checked = this.#check(text);
    this.#checked.set(text, checked);
    if (this.#checked.size > (this.#options.maxEntries ?? 1_000)) this.#forgetOldest();
    return checked;
  }

  #forgetOldest(): void {
    for (const oldest of this.#checked.keys()) {
      this.#checked.delete(oldest);
      return;
    }
  }

  #check(text: string): Checked {
    const { maxTokens, introspection } = this.#options;
    try {
      const document = parseWithin(text, maxTokens);
      const errors = validate(this.#schema, document, this.#rules, { hideSuggestions: !introspection });
      if (errors.length > 0) return { errors: errors.map((one) => codedAs("GRAPHQL_VALIDATION_FAILED", one)) };
      return { document, named: new Map() };
    } catch (error) {
      if (error instanceof RouterError) return { errors: [error] };
      if (!(error instanceof GraphQLError)) throw error;
      return { errors: [codedAs("GRAPHQL_PARSE_FAILED", error)] };
    }
  }

  #select(whole: DocumentNode, operationName: string | null | undefined): Found {
    const operation = getOperationAST(whole, operationName);
    if (!operation) return { errors: [new RouterError("OPERATION_RESOLUTION_FAILURE")] };
    const name = operation.name?.value;
    const document = separateOperations(whole)[name ?? ""] ?? whole;
    return {
      document,
      operation,
      kind: operation.operation,
      name,
      refusal: this.#options.limitBroken(document, operation),
      hasDefer: mentionsDefer(document),
    };
  }
}

function mentionsDefer(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive({ name }) {
      if (name.value !== "defer") return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}
