CREATE TABLE "trees"."planted_trees" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"height" numeric(38, 9),
	"planted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trees"."keepers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "keepers_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "trees"."species" (
	"id" uuid PRIMARY KEY NOT NULL,
	"latin" text NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid
);
--> statement-breakpoint
CREATE TABLE "trees"."nurseries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL
);
