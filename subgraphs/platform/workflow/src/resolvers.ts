import type { Resolvers } from "./generated/types.js";

export const resolvers: Resolvers = {};
