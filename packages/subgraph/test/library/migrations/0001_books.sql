CREATE SCHEMA IF NOT EXISTS "library";
--> statement-breakpoint
CREATE TABLE "library"."book" (
	"id" uuid PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"price" numeric,
	"sequel_id" uuid,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);
