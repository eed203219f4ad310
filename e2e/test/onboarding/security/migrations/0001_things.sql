CREATE SCHEMA IF NOT EXISTS "security";
--> statement-breakpoint
CREATE TABLE "security"."thing" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"key" text NOT NULL,
	"state" text NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);
