CREATE TABLE "chaos_rebuilt"."balance" (
	"key" text NOT NULL,
	"version" integer NOT NULL,
	"balance" integer NOT NULL,
	"checksum" text NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	PRIMARY KEY ("tenant_id", "key")
) WITH (fillfactor = 50);
