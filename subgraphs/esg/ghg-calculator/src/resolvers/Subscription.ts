import { type EventEnvelope, esgEvents } from "@tessera/shared-types";
import type { Context } from "@tessera/subgraph";
import type { z } from "zod";
import { errors } from "../errors.js";
import type { SubscriptionResolvers } from "../generated/types.js";
import { calculationsById } from "../queries/calculations.js";
import { importsById } from "../queries/entries.js";
import { resultOfVersion } from "../queries/results.js";

type Calculated = EventEnvelope<z.infer<typeof esgEvents.emissionsCalculated.payload>>;
type Progressed = EventEnvelope<z.infer<typeof esgEvents.activityImportProgressed.payload>>;

/** Each event becomes the root value of one execution; the generated types expect the field's own value there. */
export const Subscription: SubscriptionResolvers = {
  emissionsCalculated: {
    subscribe: async (_, { calculationId }, ctx) => {
      if (!(await ctx.load(calculationsById, calculationId))) throw errors.CALCULATION_NOT_FOUND({ id: calculationId });
      return ctx.live(esgEvents.emissionsCalculated, ({ payload }) => payload.calculationId === calculationId) as never;
    },
    resolve: async ({ payload: { calculationId, version } }: Calculated, _: unknown, ctx: Context) => {
      const result = await resultOfVersion(ctx.db, calculationId, version);
      if (!result) throw errors.CALCULATION_NOT_FOUND({ id: calculationId });
      return result;
    },
  },
  activityImportProgressed: {
    subscribe: async (_, { importId }, ctx) => {
      if (!(await ctx.load(importsById, importId))) throw errors.IMPORT_NOT_FOUND({ id: importId });
      return ctx.live(esgEvents.activityImportProgressed, ({ payload }) => payload.importId === importId) as never;
    },
    resolve: ({ payload }: Progressed) => payload,
  },
};
