import type { EventTypeResolvers } from "../generated/types.js";
import { versionsOfTypes } from "../queries/event-types.js";

export const EventType: EventTypeResolvers = {
  origin: ({ tenantId }) => (tenantId === null ? "PLATFORM" : "EXTERNAL"),
  latestVersion: async ({ id }, _, ctx) => {
    const versions = await ctx.loadList(versionsOfTypes, id);
    // A type is registered together with its first version.
    return versions[versions.length - 1] as (typeof versions)[number];
  },
  versions: ({ id }, _, ctx) => ctx.loadList(versionsOfTypes, id),
};
