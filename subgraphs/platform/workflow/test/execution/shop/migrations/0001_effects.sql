CREATE SCHEMA IF NOT EXISTS "shop";
--> statement-breakpoint
CREATE TABLE "shop"."effect" (
	"number" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	"name" text NOT NULL,
	"key" text UNIQUE,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);
