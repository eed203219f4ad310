/** What browsers may do: origins, cross-site requests, batches, uploads, the explorer. */
import { either, list, orFalse, type Schema, section, text, toggle, whole } from "../schema-parts.js";

export interface CorsConfig {
  readonly origins: readonly string[];
  readonly credentials?: boolean;
}

export const corsSchema: Schema<CorsConfig> = section<CorsConfig>(
  { description: "Which web pages may call the router from a browser.", required: ["origins"] },
  {
    origins: list(text({ description: "An exact origin.", examples: ["https://app.example.com"] }), {
      description: "Exact origins. In development localhost and Apollo Studio are added.",
      examples: [["https://app.example.com"]],
    }),
    credentials: toggle({ description: "Whether browsers may send cookies along.", default: true }),
  },
);

export interface CsrfConfig {
  readonly requiredHeaders?: readonly string[];
}

export const csrfSchema: Schema<CsrfConfig | false> = orFalse(
  section<CsrfConfig>(
    { description: "Requests a browser would send without asking first need one of these headers." },
    {
      requiredHeaders: list(text({ description: "A header." }), {
        description: "A request needs one of them, or a content type that makes the browser ask first.",
        default: ["x-apollo-operation-name", "apollo-require-preflight"],
      }),
    },
  ),
  { description: "Prevention of cross-site request forgery; false turns it off." },
);

export interface BatchingConfig {
  readonly maxOperations?: number;
}

export const batchingSchema: Schema<BatchingConfig | false> = orFalse(
  section<BatchingConfig>(
    { description: "A list of operations in one request." },
    {
      maxOperations: whole({ description: "Operations in one batch.", default: 10, minimum: 1 }),
    },
  ),
  { description: "Several operations in one HTTP request; false refuses them. Default: up to 10." },
);

export interface UploadsConfig {
  readonly maxFileBytes?: number;
  readonly maxFiles?: number;
  readonly maxTotalBytes?: number;
}

export const uploadsSchema: Schema<UploadsConfig | false> = orFalse(
  section<UploadsConfig>(
    { description: "Files by the GraphQL multipart request specification." },
    {
      maxFileBytes: whole({ description: "Bytes of one file.", default: 10_485_760, minimum: 1 }),
      maxFiles: whole({ description: "Files in one request.", default: 10, minimum: 1 }),
      maxTotalBytes: whole({ description: "Bytes of all files of one request.", default: 20_971_520, minimum: 1 }),
    },
  ),
  { description: "Uploads of files; false refuses them. Default: on." },
);

export interface ExplorerConfig {
  readonly title?: string;
  readonly defaultQuery?: string;
  readonly defaultHeaders?: string;
}

export const explorerSchema: Schema<ExplorerConfig | false> = orFalse(
  section<ExplorerConfig>(
    { description: "The page a browser gets where GraphQL is served." },
    {
      title: text({ description: "Title of the page.", examples: ["Our graph"] }),
      defaultQuery: text({ description: "What a new tab shows.", examples: ["{ __typename }"] }),
      defaultHeaders: text({
        description: "JSON text the header editor starts with.",
        examples: ['{ "authorization": "Bearer …" }'],
      }),
    },
  ),
  { description: "The explorer; false takes it away. Default: on in development." },
);

export interface RolesConfig {
  readonly roles: readonly string[];
}

export const introspectionSchema: Schema<boolean | RolesConfig> = either(
  [
    toggle({ description: "For everybody or nobody." }),
    section<RolesConfig>(
      { description: "For people of these roles.", required: ["roles"] },
      { roles: list(text({ description: "A role." }), { description: "One of them is enough.", minItems: 1 }) },
    ),
  ],
  {
    description: "Who may ask for the schema. Default: everybody in development, nobody otherwise.",
    examples: [true, { roles: ["developer"] }],
  },
);
