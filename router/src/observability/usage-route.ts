/** `/usage` and `/usage?top=20`: how many requests used each field, and which fields nobody uses. */
import type { GraphQLSchema } from "graphql";
import type { Route } from "../http/routes.js";
import type { RouterObserver } from "./observer.js";

/** `observer` is asked each time: whether usage is counted may change. */
export function usageRoute(observer: () => Pick<RouterObserver, "usage">, schema: () => GraphQLSchema): Route {
  return {
    path: "/usage",
    async handle({ request, response, head }) {
      const { usage } = observer();
      if (!usage) return false;
      const asked = new URL(request.url ?? "/", "http://router").searchParams.get("top");
      const top = asked !== null && /^\d{1,6}$/.test(asked) ? Number(asked) : undefined;
      const body = JSON.stringify(usage({ schema: schema(), ...(top === undefined ? {} : { top }) }));
      response.writeHead(200, [...head, "content-type", "application/json", "cache-control", "no-store"]).end(body);
      return true;
    },
  };
}
