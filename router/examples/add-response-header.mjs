/** Tells clients which deployment has answered them. */

const deployment = process.env.DEPLOYMENT ?? "local";

/** @type {import("@tessera/router").RouterHooks} */
export default {
  onResponse({ context }) {
    context.head.headers.set("x-deployment", deployment);
  },
};
