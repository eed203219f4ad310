/** What operators and other processes ask: health, readiness, metrics and keys. */
import type { ServerResponse } from "node:http";
import type { Telemetry } from "@tessera/telemetry";
import type { RouterOptions } from "../options.js";
import { answerJson } from "./answers.js";

/** `ready` serves clients; `starting` and `draining` tell a load balancer to look elsewhere. */
export type Phase = "starting" | "ready" | "draining";

/** Parts operators ask for by name; one of them without any check is healthy. */
const parts = new Set(["database", "cache", "external", "integrations"]);

/** Answers `path` if it is one of these routes; false when it is not. */
export type OperatorRoutes = (path: string, response: ServerResponse, phase: Phase) => Promise<boolean>;

export function createOperatorRoutes({ telemetry, jwks }: Pick<RouterOptions, "telemetry" | "jwks">): OperatorRoutes {
  return async (path, response, phase) => {
    if (path === "/health" || path.startsWith("/health/"))
      return health(path.slice("/health/".length), response, telemetry);
    if (path === "/ready") {
      answerJson(response, phase === "ready" ? 200 : 503, { status: phase });
      return true;
    }
    if (path === "/metrics") {
      const { contentType, text } = await telemetry.metrics.scrape();
      response.writeHead(200, { "content-type": contentType }).end(text);
      return true;
    }
    if (path !== "/.well-known/jwks.json" || !jwks) return false;
    response.setHeader("cache-control", "public, max-age=60");
    answerJson(response, 200, await jwks());
    return true;
  };
}

async function health(name: string, response: ServerResponse, telemetry: Telemetry): Promise<boolean> {
  const asked = name === "" ? await telemetry.health.check() : await telemetry.health.check(name);
  if (!asked && !parts.has(name)) return false;
  const report = asked ?? { ok: true, checks: {} };
  response.setHeader("cache-control", "no-store");
  answerJson(response, report.ok ? 200 : 503, { status: report.ok ? "ok" : "failing", checks: report.checks });
  return true;
}
