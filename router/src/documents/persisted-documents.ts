/**
 * The text of an operation that a request may only name: by `extensions.persistedQuery.sha256Hash`, as Apollo's clients
 * do for automatic and for published operations, or by `documentId`, as the draft of GraphQL over HTTP does
 * (https://github.com/graphql/graphql-over-http, Appendix A: Persisted Documents).
 */
import type { Actor } from "@tessera/shared-types";
import type { Log } from "@tessera/telemetry";
import { RouterError } from "../errors/router-error.js";
import { type AutomaticStore, createAutomaticStore, sha256 } from "./automatic-store.js";
import { isPublished, type Manifest } from "./manifest.js";
import { type WatchedManifest, watchManifest } from "./watched-manifest.js";

/** Section `persistedDocuments`. */
export interface PersistedDocumentOptions {
  /** Clients may register texts under their SHA-256 and then send the hash alone (APQ). Default true. */
  readonly automatic?: boolean;
  /** Shares registered texts between routers. Default: each has its own. */
  readonly redisUrl?: string;
  /** Default a day. */
  readonly ttlSeconds?: number;
  /** Files of published operations, in the format of `@apollo/generate-persisted-query-manifest`. */
  readonly manifest?: string | readonly string[];
  /** Milliseconds between two looks at these files; 0 never looks again. Default 2,000. */
  readonly manifestPollMs?: number;
  /**
   * What becomes of texts. `off` (default) runs them all; `log` too, and logs each that was not published, once;
   * `prefer` runs those that were published, refuses others; `require` refuses all: only ids are run.
   */
  readonly mode?: "off" | "log" | "prefer" | "require";
  /** Actors with one of these roles may send any text in any mode. */
  readonly allowFreeForRoles?: readonly string[];
}

export interface DocumentRequest {
  readonly query?: string | null | undefined;
  readonly documentId?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface PersistedDocuments {
  /** The text to run. Throws or rejects with a RouterError. */
  resolve(request: DocumentRequest, actor: Actor | null): string | Promise<string>;
  /** Texts of the published operations, such as for planning them ahead. */
  published(): Iterable<string>;
  /** Looks now whether the manifest has changed. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** @throws ManifestError; TypeError when a mode needs a manifest and there is none. */
export async function createPersistedDocuments(
  options: PersistedDocumentOptions,
  { log }: { readonly log: Log },
): Promise<PersistedDocuments> {
  const { automatic = true, mode = "off", manifestPollMs: pollMs = 2_000 } = options;
  const files = [options.manifest ?? []].flat();
  if (mode !== "off" && files.length === 0) throw new TypeError(`The mode ${mode} needs a manifest.`);
  const manifest = files.length > 0 ? await watchManifest({ files, pollMs, log }) : null;
  const store = automatic ? createAutomaticStore(options, log) : null;
  const resolver = new Resolver(options, manifest, store, log);
  return {
    resolve: (request, actor) => resolver.resolve(request, actor),
    published: () => manifest?.current.texts.values() ?? [],
    refresh: async () => manifest?.refresh(),
    async close() {
      manifest?.close();
      store?.close();
    },
  };
}

/** Texts that were judged, so that each is looked at and logged once. */
const mostJudged = 1_000;
/** Longer texts are remembered by their hash. */
const longestKey = 10_000;

class Resolver {
  readonly #mode: NonNullable<PersistedDocumentOptions["mode"]>;
  readonly #freeRoles: ReadonlySet<string>;
  readonly #judged = new Map<string, boolean>();
  #judgedBy: Manifest | null = null;

  constructor(
    options: PersistedDocumentOptions,
    private readonly manifest: WatchedManifest | null,
    private readonly store: AutomaticStore | null,
    private readonly log: Log,
  ) {
    this.#mode = options.mode ?? "off";
    this.#freeRoles = new Set(options.allowFreeForRoles);
  }

  resolve(request: DocumentRequest, actor: Actor | null): string | Promise<string> {
    const text = request.query || undefined;
    const id = idOf(request);
    if (id === undefined) {
      if (text === undefined) throw new RouterError("QUERY_MISSING");
      return this.#free(text, actor);
    }
    const published = this.#published(id);
    if (published !== undefined) return text === undefined || text === published ? published : mismatch();
    return text === undefined ? this.#registered(id, actor) : this.#register(id, text, actor);
  }

  #free(text: string, actor: Actor | null): string {
    if (this.#mode === "off" || this.#isFree(actor)) return text;
    if (this.#mode === "require") throw new RouterError("PERSISTED_DOCUMENT_REQUIRED");
    if (!this.#isPublished(text) && this.#mode === "prefer") throw new RouterError("PERSISTED_DOCUMENT_REQUIRED");
    return text;
  }

  #register(id: string, text: string, actor: Actor | null): string {
    // A hash in a request whose text was allowed all the same must still be that of the text.
    if (sha256(text) !== hashIn(id)) throw mismatchError();
    const allowed = this.#free(text, actor);
    // What one actor may send freely is not for everybody to name.
    if (this.#mode === "off" || this.#mode === "log" || this.#isPublished(text)) this.store?.put(hashIn(id), allowed);
    return allowed;
  }

  #registered(id: string, actor: Actor | null): string | Promise<string> {
    const mayBeText = this.#mode !== "require" || this.#isFree(actor);
    if (!this.store || !mayBeText || !isHash(hashIn(id))) {
      throw new RouterError(this.manifest ? "PERSISTED_DOCUMENT_NOT_FOUND" : "PERSISTED_QUERY_NOT_SUPPORTED");
    }
    const found = this.store.get(hashIn(id));
    return found instanceof Promise ? found.then((text) => this.#found(text, actor)) : this.#found(found, actor);
  }

  #found(text: string | undefined, actor: Actor | null): string {
    if (text === undefined) throw new RouterError("PERSISTED_QUERY_NOT_FOUND");
    return this.#free(text, actor);
  }

  #published(id: string): string | undefined {
    const texts = this.manifest?.current.texts;
    return texts?.get(id) ?? (id.startsWith("sha256:") ? texts?.get(hashIn(id)) : undefined);
  }

  #isFree(actor: Actor | null): boolean {
    return actor?.roles.some((role) => this.#freeRoles.has(role)) ?? false;
  }

  #isPublished(text: string): boolean {
    const manifest = this.manifest?.current ?? null;
    if (manifest === null) return false;
    if (manifest !== this.#judgedBy) this.#judged.clear();
    this.#judgedBy = manifest;
    const key = text.length > longestKey ? sha256(text) : text;
    const known = this.#judged.get(key);
    if (known !== undefined) return known;
    const judged = isPublished(manifest, text);
    if (this.#judged.size >= mostJudged) this.#judged.clear();
    this.#judged.set(key, judged);
    if (!judged) this.log.warn({ sha256: sha256(text), text: text.slice(0, 1_000) }, "an operation was not published");
    return judged;
  }
}

/** `documentId` before the hash in the extensions. @throws RouterError PERSISTED_DOCUMENT_INVALID */
function idOf({ documentId, extensions }: DocumentRequest): string | undefined {
  if (documentId !== undefined && documentId !== null) {
    if (typeof documentId === "string" && /^(?:[\w.~-]+:)?[\w.~-]+$/.test(documentId)) return documentId;
    throw new RouterError("PERSISTED_DOCUMENT_INVALID");
  }
  const entry = extensions?.persistedQuery;
  if (entry === undefined || entry === null) return undefined;
  const { version, sha256Hash } = entry as { readonly version?: unknown; readonly sha256Hash?: unknown };
  if (version !== 1) throw new RouterError("PERSISTED_QUERY_NOT_SUPPORTED");
  if (typeof sha256Hash !== "string" || sha256Hash === "") throw new RouterError("PERSISTED_DOCUMENT_INVALID");
  return sha256Hash;
}

function hashIn(id: string): string {
  return id.startsWith("sha256:") ? id.slice("sha256:".length) : id;
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function mismatchError(): RouterError {
  return new RouterError("PERSISTED_QUERY_HASH_MISMATCH");
}

function mismatch(): never {
  throw mismatchError();
}
