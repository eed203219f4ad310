/** Two organizations and the people the tests act as. */
import { randomUUID } from "node:crypto";
import { type EventEnvelope, esgEvents } from "@tessera/shared-types";
import { envelopeOf, type Person, startSubgraph } from "@tessera/testkit";
import analytics from "../src/index.js";

export interface Place {
  readonly tenantId: string;
  readonly manager: Person;
  readonly viewer: Person;
  readonly owner: Person;
}

/** An organization of its own for each test file or test: nothing is shared between them but the database. */
export function newPlace(): Place {
  const tenantId = randomUUID();
  const person = (role: string): Person => ({ id: randomUUID(), tenantId, roles: [role] });
  return { tenantId, manager: person("sustainability-manager"), viewer: person("viewer"), owner: person("owner") };
}

export const start = () => startSubgraph(analytics);

export interface EmissionsFacts {
  readonly calculationId?: string;
  readonly version?: number;
  readonly year?: number;
  readonly scope1?: string;
  readonly categories?: readonly { readonly category: number; readonly tonnes: string }[];
  readonly status?: "draft" | "locked" | "approved";
}

export function emissionsPayload({
  calculationId = randomUUID(),
  version = 1,
  year = 2024,
  scope1 = "120.5",
  categories = [{ category: 6, tonnes: "12.25" }],
  status = "draft",
}: EmissionsFacts = {}) {
  return {
    calculationId,
    version,
    period: { start: `${year}-01-01`, end: `${year}-12-31` },
    emissions: {
      scope1,
      scope2Location: "207.05",
      scope2Market: "180",
      scope3: "12.25",
      total: "339.8",
      totalUses: "location" as const,
      biogenicCo2: "3.1",
    },
    scope3Categories: [...categories],
    gwpBasis: "AR6" as const,
    verificationStatus: status,
  };
}

/** A result of the GHG calculator, as it arrives. */
export function emissionsEvent(place: Place, facts: EmissionsFacts = {}, occurredAt?: Date): EventEnvelope {
  const envelope = envelopeOf(esgEvents.emissionsCalculated, emissionsPayload(facts), { tenantId: place.tenantId });
  return { ...envelope, ...(occurredAt && { occurredAt: occurredAt.toISOString() }) };
}

export const seriesOperation = /* GraphQL */ `
  query Series($key: String!, $from: DateTime!, $to: DateTime!, $interval: MetricInterval!, $aggregation: MetricAggregation! = SUM, $dimensions: [MetricDimensionInput!]! = [], $fill: GapFill! = NONE) {
    metricSeries(key: $key, from: $from, to: $to, interval: $interval, aggregation: $aggregation, dimensions: $dimensions, fill: $fill) {
      id metric { key name unit } points { at value count }
    }
  }`;

export const recordOperation = /* GraphQL */ `
  mutation Record($key: String!, $points: [MetricPointInput!]!) { recordMetricPoints(key: $key, points: $points) { key } }`;

export const createMetricOperation = /* GraphQL */ `
  mutation CreateMetric($key: String!, $name: String! = "Electricity", $unit: String! = "kWh") {
    createMetric(key: $key, name: $name, unit: $unit) { id key }
  }`;

export const createDashboardOperation = /* GraphQL */ `
  mutation CreateDashboard($name: String!) { createDashboard(name: $name) { id name } }`;

export const createWidgetOperation = /* GraphQL */ `
  mutation CreateWidget($dashboardId: ID!, $input: WidgetInput!) { createWidget(dashboardId: $dashboardId, input: $input) { id title position } }`;

/** `2024-03-05` or a full instant. */
export const at = (text: string) => (text.includes("T") ? text : `${text}T00:00:00Z`);
