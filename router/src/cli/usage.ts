/** The command line: what may be written, and what it means. */
import { nearest } from "../config/did-you-mean.js";

export interface Usage {
  readonly supergraph?: string;
  readonly config?: string;
  readonly port?: number;
  readonly host?: string;
  readonly development?: boolean;
  readonly check: boolean;
  readonly printSchema: boolean;
  readonly help: boolean;
}

/** A mistake on the command line. */
export class UsageProblem extends Error {
  override readonly name = "UsageProblem";
}

export const exitCodes = { done: 0, failed: 1, usage: 2, files: 3, address: 4 } as const;

export const helpText = `
Serves any Federation 2 supergraph.

Usage: npm run router -- --supergraph FILE [options]

  --supergraph FILE   the supergraph schema that composition wrote (or supergraph.file of the configuration)
  --config FILE       the configuration, YAML; without it every default holds. Its first line may be
                        # yaml-language-server: $schema=router/router.schema.json
                      for editors to complete and explain its keys
  --port NUMBER       where to listen, 0 for any free port (or server.port, or PORT; default 4000)
  --host ADDRESS      address to listen on (or server.host, or HOST; default: every interface)
  --dev               introspection, an explorer at /graphql, and cross-origin requests from localhost and Studio
                      (or development: true of the configuration)
  --check             read the configuration and the supergraph, say what is wrong with them, and end
  --print-schema      print the JSON Schema of the configuration, and end
  --help              print this, and end

What the command line says comes before the configuration, and that before the environment.

Served: /graphql (HTTP, WebSocket), /health, /ready, /metrics. A changed supergraph or configuration file is taken
over without a restart, so is what SIGHUP asks for; a file that is wrong is reported, and the old one stays. SIGTERM
and SIGINT (Ctrl-C) let running requests finish; a second one ends at once. LOG_LEVEL is trace, debug, info, warn
or error.

Exit codes: 0 ended as asked · 1 unexpected failure · 2 wrong command line · 3 a file is missing or wrong ·
4 the address cannot be listened on · 130 ended at once

Examples:
  npm run router -- --supergraph supergraph.graphql --dev
  npm run router -- --supergraph supergraph.graphql --config router.yaml --port 8080
  npm run router -- --config router.yaml --check
`.trim();

const withValue = ["--supergraph", "--config", "--port", "--host"] as const;
const alone = ["--dev", "--check", "--print-schema", "--help"] as const;

/** @throws UsageProblem */
export function readUsage(args: readonly string[]): Usage {
  const given = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const [name = "", inline] = split(args[index] ?? "");
    if (alone.some((known) => known === name) && inline === undefined) given.set(name, "");
    else if (!withValue.some((known) => known === name)) throw new UsageProblem(unknown(args[index] ?? ""));
    else given.set(name, inline ?? valueAfter(name, args[++index]));
  }
  const text = (name: string) => given.get(name);
  return {
    ...optional("supergraph", text("--supergraph")),
    ...optional("config", text("--config")),
    ...optional("port", text("--port") === undefined ? undefined : readPort("--port", text("--port") ?? "")),
    ...optional("host", text("--host")),
    ...optional("development", given.has("--dev") ? true : undefined),
    check: given.has("--check"),
    printSchema: given.has("--print-schema"),
    help: given.has("--help"),
  };
}

/** @throws UsageProblem */
export function readPort(name: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageProblem(`${name} is "${text}", but a port is a whole number from 0 to 65535, such as 4000.`);
}

function split(argument: string): [string, string | undefined] {
  if (argument === "-h") return ["--help", undefined];
  const at = argument.indexOf("=");
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function valueAfter(name: string, next: string | undefined): string {
  if (next !== undefined && next !== "" && !next.startsWith("--")) return next;
  throw new UsageProblem(`${name} needs a value after it. See: npm run router -- --help`);
}

function unknown(argument: string): string {
  const [name] = split(argument);
  if (alone.some((known) => known === name)) return `${name} takes no value. See: npm run router -- --help`;
  const meant = nearest(name, [...withValue, ...alone]);
  const hint = meant === null ? "See: npm run router -- --help" : `Did you mean ${meant}?`;
  return `There is no option "${argument}". ${hint}`;
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: Value });
}
