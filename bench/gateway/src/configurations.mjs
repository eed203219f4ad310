/** What is compared. Each configuration says how it is started; `needs` says what has to be there first. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const folder = fileURLToPath(new URL("..", import.meta.url));
const repository = join(folder, "..", "..");
const peers = join(folder, "peers");
const hive = join(peers, "node_modules", "@graphql-hive", "gateway", "dist", "bin.js");
const production = { NODE_ENV: "production", APOLLO_TELEMETRY_DISABLED: "1", OTEL_SDK_DISABLED: "true" };

/** What `npm run router` gives to Node.js. */
const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
export const nodeFlags = scripts.router.split(" ").filter((part) => part.startsWith("--"));

/** Ratios are to this one. */
export const reference = "apollo";

function hiveGateway(id, label, flags, share) {
  return {
    id,
    label,
    needs: hive,
    path: "/graphql",
    start: ({ port, supergraph }) => ({
      args: [
        hive,
        "supergraph",
        supergraph,
        "-c",
        "hive.config.mjs",
        "-p",
        String(port),
        "-h",
        "127.0.0.1",
        "--fork",
        "1",
        ...flags,
      ],
      cwd: peers,
      env: { ...production, SHARE: share ? "1" : "0" },
    }),
  };
}

function router(id, label, config) {
  const cli = process.env.TESSERA_ROUTER ?? join(repository, "router", "dist", "cli", "main.js");
  return {
    id,
    label,
    needs: cli,
    path: "/graphql",
    start: ({ port, supergraph }) => ({
      args: [
        ...nodeFlags,
        cli,
        "--supergraph",
        supergraph,
        "--config",
        join(folder, "routers", config),
        "--port",
        String(port),
      ],
      cwd: repository,
      env: production,
    }),
  };
}

function inProcess(id, label, ...more) {
  return {
    id,
    label,
    needs: join(repository, "router", "dist", "index.js"),
    path: "/graphql",
    start: ({ port, supergraph }) => ({
      args: [...nodeFlags, join(folder, "routers", "in-process.mjs"), String(port), supergraph, ...more],
      cwd: repository,
      env: production,
    }),
  };
}

export const configurations = [
  {
    id: "apollo",
    label: "@apollo/server + @apollo/gateway",
    needs: join(peers, "node_modules", "@apollo", "gateway"),
    path: "/",
    start: ({ port, supergraph }) => ({ args: ["apollo.mjs", String(port), supergraph], cwd: peers, env: production }),
  },
  hiveGateway("hive", "Hive Gateway", [], false),
  hiveGateway("hive-shared", "Hive Gateway, `--jit`, in-flight sharing", ["--jit"], true),
  hiveGateway("hive-rust", "Hive Gateway, Rust planner", ["--hive-router-runtime"], false),
  hiveGateway("hive-rust-shared", "Hive Gateway, Rust planner, in-flight sharing", ["--hive-router-runtime"], true),
  router("router-unrecorded", "**Tessera**, every answer worked out", "unrecorded.yaml"),
  router("router", "**Tessera**", "plain.yaml"),
  router("router-shared", "**Tessera**, in-flight sharing", "shared.yaml"),
  inProcess("router-in-process-unrecorded", "**Tessera**, subgraphs in process, every answer worked out", "0"),
  inProcess("router-in-process", "**Tessera**, subgraphs in process"),
  {
    id: "limit",
    label: "node:http with the answers ready (the limit)",
    needs: join(folder, "routers", "limit.mjs"),
    path: "/graphql",
    start: ({ port, answers }) => ({
      args: [join(folder, "routers", "limit.mjs"), String(port), answers],
      cwd: folder,
      env: production,
    }),
  },
];
