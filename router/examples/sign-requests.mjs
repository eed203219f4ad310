/**
 * Lets subgraphs tell the router from anybody else: the header x-signature has the time, and an HMAC of the time, the
 * subgraph and the operation. (`subgraphs.<name>.hmac` of the configuration signs the whole body without any code.)
 */
import { createHmac } from "node:crypto";

const key = process.env.SIGNING_KEY ?? "";
if (key.length < 32) throw new Error("SIGNING_KEY has to be set, to 32 characters or more.");

/** @type {import("@tessera/router").RouterHooks} */
export default {
  onSubgraphRequest({ subgraph, operation, headers }) {
    const seconds = Math.floor(Date.now() / 1000);
    const signed = createHmac("sha256", key).update(`${seconds}\n${subgraph}\n${operation.text}`).digest("base64url");
    headers.set("x-signature", `${seconds}.${signed}`);
  },
};
