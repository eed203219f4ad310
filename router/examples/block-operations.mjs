/** Refuses operations by their name, for as long as an incident lasts: BLOCKED_OPERATIONS=ExportAll,SlowReport */
import { GraphQLError } from "graphql";

const blocked = new Set((process.env.BLOCKED_OPERATIONS ?? "").split(","));

/** @type {import("@tessera/router").RouterHooks} */
export default {
  onOperation({ name }) {
    if (name === undefined || !blocked.has(name)) return;
    throw new GraphQLError(`${name} is switched off for the moment. Try again later.`, {
      extensions: { code: "OPERATION_BLOCKED" },
    });
  },
};
