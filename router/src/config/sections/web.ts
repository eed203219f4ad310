/** What browsers may do: origins, cross-site requests, batches, uploads, the explorer. */
import type { IntrospectionOption } from "../../access/introspection.js";
import type { BatchingOptions } from "../../http/batch.js";
import type { CorsOptions } from "../../http/cors.js";
import type { CsrfOptions } from "../../http/csrf.js";
import type { UploadOptions } from "../../http/uploads/read-form.js";
import type { ExplorerOptions } from "../../options.js";
import { either, list, orFalse, type Schema, section, text, toggle, whole } from "../schema-parts.js";

const names = (description: string, examples: readonly string[]) =>
  list(text({ description: "A name." }), { description, examples: [examples] });

export const corsSchema: Schema<CorsOptions> = section<CorsOptions>(
  { description: "Which web pages may call the router from a browser.", required: ["origins"] },
  {
    origins: list(text({ description: "An exact origin, or *.", examples: ["https://app.example.com"] }), {
      description:
        "Exact origins; * is every page, without credentials. In development localhost and Apollo Studio are added.",
      examples: [["https://app.example.com"]],
    }),
    credentials: toggle({ description: "Whether browsers may send cookies along.", default: true }),
    methods: names("Methods pages may use. Default: those of GraphQL over HTTP and SSE.", ["GET", "POST"]),
    allowHeaders: names("Request headers pages may set, besides those GraphQL clients set. Default: none.", [
      "x-tenant",
    ]),
    exposeHeaders: names(
      "Response headers pages may read, besides x-request-id, retry-after and those of rate limits. Default: none.",
      ["x-deployment"],
    ),
    maxAgeSeconds: whole({ description: "How long a browser remembers what it may do.", default: 600 }),
  },
);

export const csrfSchema: Schema<CsrfOptions | false> = orFalse(
  section<CsrfOptions>(
    {
      description: "Requests that a browser would send without asking first need one of these headers.",
      required: ["requiredHeaders"],
    },
    {
      requiredHeaders: list(text({ description: "A header." }), {
        description: "A request needs one of them, or a content type that makes the browser ask first.",
        default: ["x-apollo-operation-name", "apollo-require-preflight"],
        minItems: 1,
      }),
    },
  ),
  { description: "Prevention of cross-site request forgery; false turns it off. Default: on." },
);

export const batchingSchema: Schema<BatchingOptions | false> = orFalse(
  section<BatchingOptions>(
    { description: "A list of operations in one request." },
    { maxOperations: whole({ description: "Operations in one batch.", default: 10, minimum: 1 }) },
  ),
  { description: "Several operations in one HTTP request; false refuses them. Default: up to 10." },
);

export const uploadsSchema: Schema<UploadOptions | false> = orFalse(
  section<UploadOptions>(
    { description: "Files by the GraphQL multipart request specification." },
    {
      maxFileBytes: whole({ description: "Bytes of one file.", default: 10 * 1024 * 1024, minimum: 1 }),
      maxFiles: whole({ description: "Files in one request.", default: 10, minimum: 1 }),
      maxTotalBytes: whole({
        description: "Bytes of all files of one request.",
        default: 50 * 1024 * 1024,
        minimum: 1,
      }),
    },
  ),
  { description: "Uploads of files; false refuses them. Default: on." },
);

export const explorerSchema: Schema<ExplorerOptions | false> = orFalse(
  section<ExplorerOptions>(
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

const forWhom = (description: string): Schema<IntrospectionOption> =>
  either(
    [
      toggle({ description: "For everybody or nobody." }),
      section<{ readonly roles: readonly string[] }>(
        { description: "For people of these roles.", required: ["roles"] },
        { roles: list(text({ description: "A role." }), { description: "One of them is enough.", minItems: 1 }) },
      ),
    ],
    {
      description: `${description} Default: everybody in development, nobody otherwise.`,
      examples: [true, { roles: ["developer"] }],
    },
  );

export const introspectionSchema = forWhom("Who may ask for the schema.");

export const planEndpointSchema = forWhom("Who may ask with POST /graphql/plan how an operation would be run.");
