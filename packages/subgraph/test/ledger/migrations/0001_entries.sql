create table ledger.entry (
  id uuid primary key,
  tenant_id uuid not null default nullif(current_setting('tessera.tenant', true), '')::uuid,
  text text not null,
  written_by uuid not null
);
