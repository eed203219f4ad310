CREATE SCHEMA IF NOT EXISTS "staff";
--> statement-breakpoint
CREATE TABLE "staff"."member" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"left_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);
