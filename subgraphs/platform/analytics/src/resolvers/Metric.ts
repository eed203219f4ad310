import { listed } from "../domain/dimensions.js";
import { pointsOf } from "../domain/read-series.js";
import { seriesIdOf } from "../domain/series-request.js";
import { anomaliesOfSeries, forecastOfSeries, trendOfSeries } from "../domain/series-statistics.js";
import { errors } from "../errors.js";
import type { MetricSeriesResolvers, ThresholdResolvers } from "../generated/types.js";
import { metricsByKey } from "../queries/metrics.js";

const mostSteps = 120;

export const MetricSeries: MetricSeriesResolvers = {
  id: ({ request }) => seriesIdOf(request),
  metric: async ({ request: { metricKey } }, _, ctx) => {
    const metric = await ctx.load(metricsByKey, metricKey);
    if (!metric) throw errors.METRIC_UNKNOWN({ key: metricKey });
    return metric;
  },
  from: ({ request }) => request.from,
  to: ({ request }) => request.to,
  interval: ({ request }) => request.interval,
  aggregation: ({ request }) => request.aggregation,
  points: (series, _, ctx) => pointsOf(ctx, series),
  trend: async (series, _, ctx) => trendOfSeries(await pointsOf(ctx, series), series.request.interval),
  anomalies: async (series, _, ctx) => anomaliesOfSeries(await pointsOf(ctx, series), series.request.interval),
  forecast: async (series, { steps }, ctx) => {
    if (steps < 1 || steps > mostSteps) throw errors.FORECAST_STEPS_INVALID({ most: mostSteps });
    return forecastOfSeries(await pointsOf(ctx, series), series.request.interval, steps);
  },
};

export const Threshold: ThresholdResolvers = {
  dimensions: ({ dimensions }) => listed(dimensions),
};
