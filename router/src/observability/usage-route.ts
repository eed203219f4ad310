/** `/usage` and `/usage?top=20`: how many requests used each field, and which fields nobody uses. */
import type { GraphQLSchema } from "graphql";
import type { Route } from "../http/routes.js";
import type { RouterObserver } from "./observer.js";

export function usageRoute({ usage }: Pick<RouterObserver, "usage">, schema: () => GraphQLSchema): Route | null {
  if (!usage) return null;
  return {
    path: "/usage",
    handle({ request, response, head }) {
      const asked = new URL(request.url ?? "/", "http://router").searchParams.get("top");
      const top = asked !== null && /^\d{1,6}$/.test(asked) ? Number(asked) : undefined;
      const body = JSON.stringify(usage({ schema: schema(), ...(top === undefined ? {} : { top }) }));
      response.writeHead(200, [...head, "content-type", "application/json", "cache-control", "no-store"]).end(body);
    },
  };
}
