/** What operators and other processes ask: health, readiness, metrics and keys. */
import type { Telemetry } from "@tessera/telemetry";
import type { RouterOptions } from "../options.js";
import type { Exchange } from "./exchange.js";
import type { Route } from "./routes.js";
import { writeJson } from "./write-answer.js";

/** `ready` serves clients; `starting` and `draining` tell a load balancer to look elsewhere. */
export type Phase = "starting" | "ready" | "draining";

/** Parts operators ask for by name; one of them without any check is healthy. */
const parts = new Set(["database", "cache", "external", "integrations"]);

export function operatorRoute({ telemetry, jwks }: Pick<RouterOptions, "telemetry" | "jwks">): Route {
  async function handle(exchange: Exchange, phase: Phase): Promise<boolean> {
    const { path, response, head } = exchange;
    if (path === "/health" || path.startsWith("/health/"))
      return health(path.slice("/health/".length), exchange, telemetry);
    if (path === "/ready") {
      writeJson(exchange, phase === "ready" ? 200 : 503, { status: phase });
      return true;
    }
    if (path === "/metrics") {
      const { contentType, text } = await telemetry.metrics.scrape();
      response.writeHead(200, [...head, "content-type", contentType]).end(text);
      return true;
    }
    if (path !== "/.well-known/jwks.json" || !jwks) return false;
    const keys = await jwks();
    head.push("cache-control", "public, max-age=60");
    writeJson(exchange, 200, keys);
    return true;
  }
  return { prefix: "/", handle };
}

async function health(name: string, exchange: Exchange, telemetry: Telemetry): Promise<boolean> {
  const asked = name === "" ? await telemetry.health.check() : await telemetry.health.check(name);
  if (!asked && !parts.has(name)) return false;
  const report = asked ?? { ok: true, checks: {} };
  exchange.head.push("cache-control", "no-store");
  writeJson(exchange, report.ok ? 200 : 503, { status: report.ok ? "ok" : "failing", checks: report.checks });
  return true;
}
