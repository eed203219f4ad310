/** Puts the parts together. */
import type { Router, RouterOptions } from "./options.js";

/** @throws when the port is taken, the supergraph is broken, or a subgraph has no connection. */
export declare function startRouter(options: RouterOptions): Promise<Router>;
