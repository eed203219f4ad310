/** Parses and validates each query text once. The router sends the same few texts over and over. */
import { type DocumentNode, type GraphQLError, type GraphQLSchema, parse, validate } from "graphql";

const capacity = 1_000;

export type CheckedDocument =
  | { readonly document: DocumentNode; readonly errors?: undefined }
  | { readonly errors: readonly GraphQLError[]; readonly document?: undefined };

export class DocumentCache {
  readonly #schema: GraphQLSchema;
  readonly #byText = new Map<string, CheckedDocument>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  get(text: string): CheckedDocument {
    const known = this.#byText.get(text);
    if (known) return known;
    const checked = this.#check(text);
    const oldest = this.#byText.size >= capacity ? this.#byText.keys().next().value : undefined;
    if (oldest !== undefined) this.#byText.delete(oldest);
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
