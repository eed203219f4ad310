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
import { LRUCache } from "lru-cache";
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

/** As a client asks for it. */
export interface AskedOperation {
  readonly text: string;
  /** Of the operation that is meant; absent where the text has only one. */
  readonly name: string | undefined;
}

export type Found = Operation | { readonly errors: readonly GraphQLError[] };

export interface OperationsOptions {
  readonly maxTokens: number;
  /** When not everybody may introspect, errors suggest no names either; `false`: nobody may. */
  readonly introspection: boolean | "some";
  readonly limitBroken: (document: DocumentNode, operation: OperationDefinitionNode) => RouterError | null;
  /** Default 1,000. */
  readonly maxEntries?: number;
  /** Characters of all texts that are kept. Parsed, a text takes up to a hundred times its size. Default 1,500,000. */
  readonly maxCharacters?: number;
}

/** Values belong into variables. Errors repeat names of the text, so it must not be as long as a body may be. */
const longestText = 1_000_000;
/** A text that is refused is not worth keeping when it is long. */
const longestRefused = 10_000;
const mostErrors = 25;

type Checked = { readonly document: DocumentNode; readonly named: Map<string, Operation> } | Refused;
type Refused = { readonly errors: readonly GraphQLError[] };

export class Operations {
  readonly #schema: GraphQLSchema;
  readonly #options: OperationsOptions;
  readonly #rules: typeof specifiedRules;
  readonly #checked: LRUCache<string, Checked>;
  hits = 0;
  misses = 0;

  constructor(schema: GraphQLSchema, options: OperationsOptions) {
    this.#schema = schema;
    this.#options = options;
    const { maxEntries = 1_000, maxCharacters = 1_500_000 } = options;
    this.#checked = new LRUCache({
      max: maxEntries,
      maxSize: maxCharacters,
      sizeCalculation: (_, text) => text.length || 1,
    });
    this.#rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  }

  get size(): number {
    return this.#checked.size;
  }

  get suggestsNames(): boolean {
    return this.#options.introspection === true;
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
    if (!("operation" in found)) return found;
    checked.named.set(name, found);
    if (found.refusal && text.length > longestRefused) this.#checked.delete(text);
    return found;
  }

  /** Those that were asked last, the latest first. */
  recent(most: number): AskedOperation[] {
    const asked: AskedOperation[] = [];
    for (const [text, checked] of this.#checked.entries()) {
      if ("errors" in checked) continue;
      for (const name of checked.named.keys()) asked.push({ text, name: name === "" ? undefined : name });
      if (asked.length >= most) break;
    }
    return asked.slice(0, most);
  }

  #recent(text: string): Checked {
    const known = this.#checked.get(text);
    if (known) {
      this.hits += 1;
      return known;
    }
    this.misses += 1;
    const checked = this.#check(text);
    if (!("errors" in checked) || text.length <= longestRefused) this.#checked.set(text, checked);
    return checked;
  }

  #check(text: string): Checked {
    const { maxTokens, introspection } = this.#options;
    if (text.length > longestText) return { errors: [new RouterError("TEXT_TOO_LONG", { limit: longestText })] };
    try {
      const document = parseWithin(text, maxTokens);
      const options = { hideSuggestions: introspection !== true, maxErrors: mostErrors };
      const errors = validate(this.#schema, document, this.#rules, options);
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
