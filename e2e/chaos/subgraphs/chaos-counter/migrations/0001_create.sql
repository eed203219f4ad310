CREATE TABLE "chaos_counter"."count" (
	"key" text NOT NULL,
	"events" integer NOT NULL,
	"total" bigint NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	PRIMARY KEY ("tenant_id", "key")
) WITH (fillfactor = 50);
