/** A file of a GraphQL multipart request: https://github.com/jaydenseric/graphql-multipart-request-spec */
export interface UploadedFile {
  readonly filename: string;
  readonly mimetype: string;
  /** The content; read once it is whole, so that a call can be repeated. */
  readonly content: Buffer;
}
