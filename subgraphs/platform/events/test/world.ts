/** Organizations, the people the tests act as, and the events that happen to them. */
import { randomUUID } from "node:crypto";
import { defineEvent, type EventEnvelope } from "@tessera/shared-types";
import { envelopeOf, type Person, startSubgraph } from "@tessera/testkit";
import { z } from "zod";
import events from "../src/index.js";

export interface Place {
  readonly tenantId: string;
  /** Holds every scope of the module. */
  readonly owner: Person;
  /** Holds `events:read`, and no more. */
  readonly viewer: Person;
  /** A client of a producer outside: publishes, and reads nothing. */
  readonly producer: Person;
}

/** An organization of its own for each test: nothing is shared between them but the database. */
export function newPlace(): Place {
  const tenantId = randomUUID();
  return {
    tenantId,
    owner: { id: randomUUID(), tenantId, roles: ["owner"] },
    viewer: { id: randomUUID(), tenantId, roles: ["viewer"] },
    producer: { id: randomUUID(), tenantId, scopes: ["events:write"], kind: "service" },
  };
}

export const start = () => startSubgraph(events);

const anything = z.unknown();

/** An event as another module published it. */
export function eventOf(place: Place, type: string, facts: Partial<EventEnvelope> = {}): EventEnvelope {
  const { tenantId } = place;
  return { ...envelopeOf(defineEvent(type, 1, anything), { note: "as it happened" }, { tenantId }), ...facts };
}

export const searchOperation = /* GraphQL */ `
  query Search($filter: StoredEventFilter, $first: Int, $after: String, $last: Int, $before: String) {
    storedEvents(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
      nodes { id type version aggregateId source occurredAt actorId correlationId causationId payload imported erasedAt }
    }
  }`;

export const createStreamOperation = /* GraphQL */ `
  mutation CreateStream($input: EventStreamInput!) { createEventStream(input: $input) { id name types retentionDays readerRoles } }`;

export const registerOperation = /* GraphQL */ `
  mutation Register($input: EventTypeInput!) { registerEventType(input: $input) { id name origin compatibility latestVersion { version schema } } }`;

export const addVersionOperation = /* GraphQL */ `
  mutation AddVersion($name: String!, $schema: JSON!) {
    registerEventTypeVersion(name: $name, schema: $schema) { latestVersion { version } versions { version schema } }
  }`;

export const publishOperation = /* GraphQL */ `
  mutation Publish($input: PublishEventInput!) { publishEvent(input: $input) { type version correlationId repeated } }`;

export const deliverySchema = {
  type: "object",
  properties: { supplier: { type: "string" }, crates: { type: "integer", minimum: 1 } },
  required: ["supplier", "crates"],
  additionalProperties: false,
};

export const ids = (nodes: readonly { id: string }[]): string[] => nodes.map(({ id }) => id);
