/** Parses and validates each query text once. The router sends the same few texts over and over. */
import { type DocumentNode, type GraphQLError, type GraphQLSchema, parse, validate } from "graphql";
import { LRUCache } from "lru-cache";

export type CheckedDocument =
  | { readonly document: DocumentNode; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[]; readonly document?: undefined };

export class DocumentCache {
  readonly #schema: GraphQLSchema;
  readonly #byText = new LRUCache<string, CheckedDocument>({ max: 1_000 });

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  get(text: string): CheckedDocument {
    const known = this.#byText.get(text);
    if (known) return known;
    const checked = this.#check(text);
    this.#byText.set(text, checked);
    return checked;
  }

  #check(text: string): CheckedDocument {
    try {
      const document = parse(text);
      const errors = validate(this.#schema, document);
      return errors.length > 0 ? { errors } : { document };
    } catch (error) {
      return { errors: [error as GraphQLError] };
    }
  }
}
