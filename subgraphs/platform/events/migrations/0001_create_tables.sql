CREATE TABLE "events"."dead_letter_decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dead_letter_id" text NOT NULL,
	"event_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"decision" text NOT NULL,
	"reason" text,
	"decided_by" uuid,
	"decided_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "events"."erased_people" (
	"user_id" text NOT NULL,
	"erased_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "erased_people_key" PRIMARY KEY("tenant_id","user_id")
);

--> statement-breakpoint
CREATE TABLE "events"."event_imports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lines" integer DEFAULT 0 NOT NULL,
	"stored" integer DEFAULT 0 NOT NULL,
	"known" integer DEFAULT 0 NOT NULL,
	"refused" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"refused_count" integer DEFAULT 0 NOT NULL,
	"complete" boolean DEFAULT false NOT NULL,
	"imported_by" uuid,
	"started_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "events"."event_streams" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"types" text[] DEFAULT '{}' NOT NULL,
	"sources" text[] DEFAULT '{}' NOT NULL,
	"aggregate_ids" text[] DEFAULT '{}' NOT NULL,
	"retention_days" integer,
	"reader_roles" text[] DEFAULT '{}' NOT NULL,
	"reader_scopes" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "event_streams_name" UNIQUE("tenant_id","name")
);

--> statement-breakpoint
CREATE TABLE "events"."event_type_versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_type_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"schema" jsonb NOT NULL,
	"registered_by" uuid,
	"registered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid,
	CONSTRAINT "event_type_versions_key" UNIQUE("event_type_id","version")
);

--> statement-breakpoint
CREATE TABLE "events"."event_types" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"compatibility" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid,
	CONSTRAINT "event_types_name" UNIQUE("tenant_id","name")
);

--> statement-breakpoint
CREATE TABLE "events"."publications" (
	"key" text NOT NULL,
	"type" text NOT NULL,
	"version" integer NOT NULL,
	"correlation_id" text NOT NULL,
	"published_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "publications_key" PRIMARY KEY("tenant_id","key")
);

--> statement-breakpoint
CREATE TABLE "events"."replays" (
	"id" uuid PRIMARY KEY NOT NULL,
	"consumer" text,
	"filter" jsonb NOT NULL,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"round" integer DEFAULT 1 NOT NULL,
	"total" integer NOT NULL,
	"sent" integer DEFAULT 0 NOT NULL,
	"position" bigint DEFAULT 0 NOT NULL,
	"last_position" bigint NOT NULL,
	"failure" text,
	"started_by" uuid,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "events"."stored_events" (
	"id" uuid NOT NULL,
	"position" bigint GENERATED ALWAYS AS IDENTITY (sequence name "events"."stored_events_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"type" text NOT NULL,
	"version" integer NOT NULL,
	"aggregate_id" text NOT NULL,
	"source" text NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"actor_id" text,
	"correlation_id" text NOT NULL,
	"causation_id" text,
	"depth" integer,
	"payload" json,
	"import_id" uuid,
	"stored_at" timestamp with time zone DEFAULT now() NOT NULL,
	"erased_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "stored_events_key" PRIMARY KEY("tenant_id","id")
);

--> statement-breakpoint
ALTER TABLE "events"."event_type_versions" ADD CONSTRAINT "event_type_versions_type" FOREIGN KEY ("event_type_id") REFERENCES "events"."event_types"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "dead_letter_decisions_event" ON "events"."dead_letter_decisions" USING btree ("tenant_id","event_id");
--> statement-breakpoint
CREATE INDEX "event_imports_started" ON "events"."event_imports" USING btree ("tenant_id","started_at");
--> statement-breakpoint
CREATE INDEX "replays_started" ON "events"."replays" USING btree ("tenant_id","started_at");
--> statement-breakpoint
CREATE INDEX "stored_events_position" ON "events"."stored_events" USING btree ("tenant_id","position");
--> statement-breakpoint
CREATE INDEX "stored_events_time" ON "events"."stored_events" USING btree ("tenant_id","occurred_at","id");
--> statement-breakpoint
CREATE INDEX "stored_events_type" ON "events"."stored_events" USING btree ("tenant_id","type","occurred_at","id");
--> statement-breakpoint
CREATE INDEX "stored_events_aggregate" ON "events"."stored_events" USING btree ("tenant_id","aggregate_id","occurred_at","id");
--> statement-breakpoint
CREATE INDEX "stored_events_correlation" ON "events"."stored_events" USING btree ("tenant_id","correlation_id");
--> statement-breakpoint
CREATE INDEX "stored_events_actor" ON "events"."stored_events" USING btree ("tenant_id","actor_id","occurred_at","id");

--> statement-breakpoint
-- What happened does not change, whoever asks: the one thing that may go, once, is the payload.
CREATE FUNCTION "events"."keep_stored_event"() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  if new.payload is null and old.erased_at is null and new.erased_at is not null
    and (new.id, new.tenant_id, new.position, new.type, new.version, new.aggregate_id, new.source, new.occurred_at,
      new.actor_id, new.correlation_id, new.causation_id, new.depth, new.import_id, new.stored_at)
    is not distinct from (old.id, old.tenant_id, old.position, old.type, old.version, old.aggregate_id, old.source,
      old.occurred_at, old.actor_id, old.correlation_id, old.causation_id, old.depth, old.import_id, old.stored_at)
  then return new;
  end if;
  raise exception 'A stored event does not change.' using errcode = 'restrict_violation';
end
$$;

--> statement-breakpoint
CREATE TRIGGER "stored_events_keep" BEFORE UPDATE ON "events"."stored_events"
  FOR EACH ROW EXECUTE FUNCTION "events"."keep_stored_event"();
