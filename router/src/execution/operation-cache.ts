/** Parsed and validated operations by their text, the least recently used forgotten first. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { RouterError } from "../errors/router-error.js";

const mostOperations = 1_000;

type Checked = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

export interface Operation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export class OperationCache {
  readonly #schema: GraphQLSchema;
  readonly #maxTokens: number;
  readonly #rules: typeof specifiedRules;
  /** Without introspection, errors do not suggest names either. */
  readonly #isSecretive: boolean;
  readonly #checked = new Map<string, Checked>();

  constructor(schema: GraphQLSchema, options: { readonly maxTokens: number; readonly introspection: boolean }) {
    this.#schema = schema;
    this.#maxTokens = options.maxTokens;
    this.#isSecretive = !options.introspection;
    this.#rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  }

  /** The operation to run, or why there is none: each error has a code. */
  get(text: string, operationName?: string | null): Operation | { readonly errors: readonly GraphQLError[] } {
    const checked = this.#checked.get(text) ?? this.#check(text);
    this.#checked.delete(text);
    this.#checked.set(text, checked);
    if (this.#checked.size > mostOperations) this.#checked.delete(this.#checked.keys().next().value ?? "");
    if ("errors" in checked) return checked;
    const operation = getOperationAST(checked.document, operationName);
    if (operation) return { document: checked.document, operation };
    return { errors: [new RouterError("OPERATION_RESOLUTION_FAILURE")] };
  }

  #check(text: string): Checked {
    try {
      const document = parse(text, { maxTokens: this.#maxTokens });
      const errors = validate(this.#schema, document, this.#rules, { hideSuggestions: this.#isSecretive });
      return errors.length > 0
        ? { errors: errors.map((one) => coded("GRAPHQL_VALIDATION_FAILED", one)) }
        : { document };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { errors: [coded("GRAPHQL_PARSE_FAILED", error)] };
    }
  }
}

function coded(code: string, error: GraphQLError): GraphQLError {
  const { nodes = null, source = null, positions = null } = error;
  return new GraphQLError(error.message, { nodes, source, positions, extensions: { code } });
}
