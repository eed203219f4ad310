/** Encrypted connections, and who may make them. */
import { readFile } from "node:fs/promises";
import { createServer as createPlainServer, type RequestListener, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";

/** Section `server.tls`. */
export interface TlsOptions {
  /** PEM file of the certificate, with the chain below it. */
  readonly certFile: string;
  /** PEM file of its key. */
  readonly keyFile: string;
  /** PEM file of the authorities that sign certificates of clients. */
  readonly clientCaFile?: string;
  /** Refuses clients without such a certificate. Default false: they are asked for one, and need none. */
  readonly requireClientCertificate?: boolean;
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** @throws when a file cannot be read. */
export async function readTlsFiles(options: TlsOptions): Promise<TlsFiles> {
  const { certFile, keyFile, clientCaFile, requireClientCertificate = false } = options;
  const [cert, key, ca] = await Promise.all([
    readFile(certFile),
    readFile(keyFile),
    clientCaFile === undefined ? undefined : readFile(clientCaFile),
  ]);
  const asked = ca !== undefined || requireClientCertificate;
  return { cert, key, ...(ca ? { ca } : {}), requestCert: asked, rejectUnauthorized: requireClientCertificate };
}

export function createServerFor(options: ServerOptions, tls: TlsFiles | undefined, listener: RequestListener): Server {
  return tls ? createTlsServer({ ...options, ...tls }, listener) : createPlainServer(options, listener);
}
