CREATE TABLE "birds"."nests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tree" text,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);
