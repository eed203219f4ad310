/** Where the router listens, and how it treats connections. */
import type { CompressionOptions } from "../../http/compression.js";
import type { TlsOptions } from "../../http/tls.js";
import { file, list, orFalse, type Schema, section, text, toggle, whole } from "../schema-parts.js";

export interface ServerConfig {
  readonly port?: number;
  readonly host?: string;
  readonly path?: string;
  readonly requestTimeoutMs?: number;
  readonly drainTimeoutMs?: number;
  readonly compression?: CompressionOptions | false;
  readonly tls?: TlsOptions;
  readonly trustedProxies?: readonly string[];
}

export const serverSchema: Schema<ServerConfig> = section<ServerConfig>(
  {
    description:
      "Where the router listens, and how it treats connections. A change of port, host, path or tls needs a restart.",
  },
  {
    port: whole({ description: "Port to listen on; 0 picks a free one.", default: 4000, maximum: 65_535 }),
    host: text({ description: "Address to listen on. Default: every interface.", examples: ["127.0.0.1"] }),
    path: text({
      description: "Where GraphQL is served, over HTTP and WebSocket.",
      default: "/graphql",
      pattern: "^/[^?#]*$",
      patternErrorMessage: "it has to be a path that starts with /, such as /graphql",
    }),
    requestTimeoutMs: whole({
      description: "After so long nobody waits for the answer to an operation any more (REQUEST_TIMEOUT).",
      default: 10_000,
      minimum: 1,
    }),
    drainTimeoutMs: whole({
      description: "How long a router that is told to stop waits for running requests.",
      default: 10_000,
    }),
    compression: orFalse(
      section<CompressionOptions>(
        { description: "gzip or brotli, as the client accepts it." },
        { thresholdBytes: whole({ description: "Answers smaller than this are sent as they are.", default: 1024 }) },
      ),
      { description: "Compression of answers; false turns it off.", examples: [false, { thresholdBytes: 4096 }] },
    ),
    tls: section<TlsOptions>(
      { description: "HTTPS instead of HTTP.", required: ["certFile", "keyFile"] },
      {
        certFile: file({ description: "The certificate and its chain, PEM.", examples: ["tls/router.crt"] }),
        keyFile: file({ description: "The private key of the certificate, PEM.", examples: ["tls/router.key"] }),
        clientCaFile: file({
          description: "Who signs certificates of clients, PEM: asks clients for one. Default: they are not asked.",
        }),
        requireClientCertificate: toggle({
          description: "Refuse clients without a certificate that clientCaFile signed.",
          default: false,
        }),
      },
    ),
    trustedProxies: list(text({ description: "An address or a range.", examples: ["10.0.0.0/8"] }), {
      description: "Addresses and ranges of proxies whose x-forwarded-for is believed. Default: none.",
      examples: [["10.0.0.0/8", "127.0.0.1"]],
    }),
  },
);
