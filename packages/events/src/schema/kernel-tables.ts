/**
 * Kernel tables of the event backbone, as forward-only steps. `event` is the whole envelope; the columns beside it are
 * generated from it, so they cannot disagree with it, and row-level security judges what really travels.
 */
export const steps: readonly string[] = [
  /* 1 */ `
  create table kernel.outbox (
    seq bigint generated always as identity primary key,
    event json not null,
    tenant text not null generated always as (event->>'tenantId') stored,
    source text not null generated always as (event->>'source') stored
  ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

  create table kernel.stream (
    position bigint generated always as identity primary key,
    event json not null,
    type text not null generated always as (event->>'type') stored,
    recorded_at timestamptz not null default clock_timestamp()
  );

  create table kernel.cursor (
    consumer text primary key,
    position bigint not null default 0
  ) with (fillfactor = 50);

  create table kernel.seen (
    consumer text not null,
    event_id uuid not null,
    seen_at timestamptz not null default now(),
    primary key (consumer, event_id)
  );
  create index seen_age on kernel.seen using brin (seen_at);

  create table kernel.parked (
    seq bigint generated always as identity primary key,
    consumer text not null,
    event json not null,
    event_id uuid not null generated always as ((event->>'id')::uuid) stored,
    tenant text not null generated always as (event->>'tenantId') stored,
    aggregate_id text not null generated always as (event->>'aggregateId') stored,
    type text not null generated always as (event->>'type') stored,
    attempts integer not null,
    next_attempt_at timestamptz not null,
    last_error text,
    dead boolean not null default false,
    parked_at timestamptz not null default now(),
    unique (consumer, event_id)
  );
  create index parked_queue on kernel.parked (consumer, tenant, aggregate_id, seq) where not dead;
  create index parked_due on kernel.parked (next_attempt_at) where not dead;

  alter table kernel.outbox enable row level security;
  alter table kernel.seen enable row level security;
  alter table kernel.parked enable row level security;

  create policy own_events on kernel.outbox for insert with check (
    tenant = coalesce(current_setting('tessera.tenant', true), '')
    and current_user = 'tessera_' || replace(source, '-', '_'));
  create policy own_marks on kernel.seen
    using (current_user = 'tessera_' || replace(consumer, '-', '_'))
    with check (current_user = 'tessera_' || replace(consumer, '-', '_'));
  create policy own_queue on kernel.parked for select using (
    current_user = 'tessera_' || replace(consumer, '-', '_')
    and tenant = coalesce(current_setting('tessera.tenant', true), ''));
  `,
  /* 2 */ `
  create index parked_dead on kernel.parked (seq) where dead;
  `,
  /* 3 */ `
  alter table kernel.stream add column tenant text not null generated always as (event->>'tenantId') stored;
  create index stream_tenant on kernel.stream (tenant, position);

  create table kernel.consumer (
    consumer text primary key,
    types text[] not null
  );

  alter table kernel.parked add column mark uuid, add column last_stack text,
    add column discarded_at timestamptz, add column discarded_by text, add column discard_reason text;
  update kernel.parked set mark = event_id;
  alter table kernel.parked alter column mark set not null, drop constraint parked_consumer_event_id_key,
    add unique (consumer, mark);
  drop index kernel.parked_dead;
  create index parked_dead on kernel.parked (seq) where dead and discarded_at is null;

  drop index kernel.seen_age;
  create index seen_age on kernel.seen using brin (seen_at) with (autosummarize = on);
  `,
];

/** What one module role may do: write events of its own, mark what it has seen, ask what waits in its own queue. */
export const grantsFor = (role: string): string => `
  grant usage on schema kernel to "${role}";
  grant insert (event) on kernel.outbox to "${role}";
  grant select (consumer, event_id), insert (consumer, event_id) on kernel.seen to "${role}";
  grant select (consumer, mark, tenant, aggregate_id, dead) on kernel.parked to "${role}";
`;
