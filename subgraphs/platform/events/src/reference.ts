/** The platform's own event types, as their contracts say: rows that every organization reads. */
import { jsonSchemaOf } from "@tessera/contracts";
import type { Database } from "@tessera/database";
import type { EventContract } from "@tessera/shared-types";
import * as shared from "@tessera/shared-types";
import { isAnnounced } from "./domain/announced-events.js";

/** Idempotent; two statements. A contract that gained optional fields replaces the schema of its version. */
export default async function loadEventTypes(sql: Database["admin"]): Promise<void> {
  const contracts = platformContracts();
  const types = JSON.stringify([...new Set(contracts.map(({ type }) => type))].map((name) => ({ name })));
  const versions = contracts.map((contract) => ({
    name: contract.type,
    version: contract.version,
    schema: jsonSchemaOf(contract),
  }));
  await sql`
    insert into events.event_types (id, tenant_id, name, compatibility)
    select md5('event type ' || name)::uuid, null, name, 'BACKWARD'
    from json_to_recordset(${types}::text::json) as t (name text)
    on conflict (id) do nothing`;
  await sql`
    insert into events.event_type_versions (id, tenant_id, event_type_id, version, schema)
    select md5('event type ' || name || ' ' || version)::uuid, null, md5('event type ' || name)::uuid, version, schema
    from json_to_recordset(${JSON.stringify(versions)}::text::json) as v (name text, version int, schema jsonb)
    on conflict (id) do update set schema = excluded.schema
    where event_type_versions.schema is distinct from excluded.schema`;
}

/** Every contract of every suite; what is only announced is no type of a stored event. */
function platformContracts(): EventContract[] {
  const suites = Object.entries(shared).filter(([name]) => name.endsWith("Events"));
  const contracts = suites.flatMap(([, suite]) => Object.values(suite as Record<string, EventContract>));
  return contracts.filter((contract) => "payload" in contract && !isAnnounced(contract.type));
}
