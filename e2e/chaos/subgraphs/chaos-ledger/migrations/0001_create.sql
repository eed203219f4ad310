CREATE TABLE "chaos_ledger"."mutation" (
	"id" uuid NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	PRIMARY KEY ("tenant_id", "id")
);
--> statement-breakpoint
CREATE TABLE "chaos_ledger"."key" (
	"key" text NOT NULL,
	"version" integer NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	PRIMARY KEY ("tenant_id", "key")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "chaos_ledger"."movement" (
	"mutation_id" uuid NOT NULL,
	"key" text NOT NULL,
	"version" integer NOT NULL,
	"amount" integer NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);
