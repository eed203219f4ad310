/**
 * Kernel tables of processes, as forward-only steps. Every row names its tenant and module, row-level security judges by
 * them, and foreign keys make sure that a journal belongs to whom its process belongs.
 */
export const steps: readonly string[] = [
  /* 1 */ `
  create table kernel.process (
    seq bigint generated always as identity primary key,
    id text not null,
    tenant_id uuid not null,
    module text not null,
    name text not null,
    version integer not null,
    state text not null default 'RUNNING',
    undoing boolean not null default false,
    intent text,
    input json,
    output json,
    error json,
    hears text[] not null default '{}',
    actor_id text,
    correlation_id text not null,
    causation_id text,
    depth integer not null default 0,
    started_at timestamptz not null,
    finished_at timestamptz,
    changed_at timestamptz not null default now(),
    due_at timestamptz,
    claim bigint not null default 0,
    worker uuid,
    lease_until timestamptz,
    unique (tenant_id, module, id),
    unique (seq, tenant_id, module)
  ) with (fillfactor = 70);
  create index process_due on kernel.process (tenant_id, due_at) where due_at is not null and lease_until is null;
  create index process_next on kernel.process (due_at) where due_at is not null and lease_until is null;
  create index process_leased on kernel.process (tenant_id, lease_until) where lease_until is not null;
  create index process_live on kernel.process (tenant_id, module) where finished_at is null;
  create index process_hearing on kernel.process (tenant_id, module) where finished_at is null and hears <> '{}';
  create index process_finished on kernel.process (finished_at) where finished_at is not null;

  create table kernel.process_step (
    process bigint not null,
    tenant_id uuid not null,
    module text not null,
    name text not null,
    kind text not null,
    status text not null,
    position integer,
    attempts integer not null default 0,
    undo_attempts integer not null default 0,
    undoable boolean not null default false,
    input json,
    output json,
    error json,
    waits_for text,
    about text,
    event_id uuid,
    schema json,
    due_at timestamptz,
    started_at timestamptz not null,
    finished_at timestamptz,
    undone_at timestamptz,
    primary key (process, name),
    unique (process, position),
    foreign key (process, tenant_id, module) references kernel.process (seq, tenant_id, module) on delete cascade
  );
  create unique index process_step_event on kernel.process_step (process, event_id) where event_id is not null;
  create index process_step_waits on kernel.process_step (tenant_id, module, waits_for)
    where status = 'WAITING' and waits_for is not null;

  create table kernel.process_event (
    seq bigint generated always as identity primary key,
    tenant_id uuid not null,
    module text not null,
    event json not null,
    event_id uuid not null generated always as ((event->>'id')::uuid) stored,
    type text not null generated always as (event->>'type') stored,
    about text not null generated always as (event->>'aggregateId') stored,
    occurred_at timestamptz not null,
    unique (tenant_id, module, event_id)
  );
  create index process_event_type on kernel.process_event (tenant_id, module, type, seq);

  create table kernel.process_answer (
    process bigint not null,
    tenant_id uuid not null,
    module text not null,
    name text not null,
    value json,
    actor_id text,
    given_at timestamptz not null default now(),
    primary key (process, name),
    foreign key (process, tenant_id, module) references kernel.process (seq, tenant_id, module) on delete cascade
  );

  create table kernel.process_worker (
    worker uuid primary key,
    runs text[] not null,
    seen_until timestamptz not null
  );

  ${["process", "process_step", "process_event", "process_answer"].map(policyOf).join("\n")}
  alter table kernel.process_worker enable row level security;
  `,
  /* 2 */ `
  create index process_newest on kernel.process (tenant_id, module, seq);
  `,
];

function policyOf(table: string): string {
  return `
  alter table kernel.${table} enable row level security;
  create policy own_processes on kernel.${table} using (
    current_user = 'tessera_' || replace(module, '-', '_')
    and tenant_id = nullif(current_setting('tessera.tenant', true), '')::uuid);`;
}

/** What one module role may do, always within its own rows of the tenant it works for. */
export const grantsFor = (role: string): string => `
  grant usage on schema kernel to "${role}";
  grant select on kernel.process, kernel.process_step, kernel.process_event, kernel.process_answer to "${role}";
  grant insert (id, tenant_id, module, name, version, input, hears, actor_id, correlation_id, causation_id, depth,
    started_at, due_at) on kernel.process to "${role}";
  grant update (state, undoing, intent, error, finished_at, changed_at, due_at) on kernel.process to "${role}";
  grant insert, update, delete on kernel.process_step to "${role}";
  grant insert, delete on kernel.process_answer to "${role}";
`;
