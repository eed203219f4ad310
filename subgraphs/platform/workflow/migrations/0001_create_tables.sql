CREATE TABLE "workflow"."approvals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"execution_id" uuid,
	"step_path" text,
	"title" text NOT NULL,
	"instructions" text DEFAULT '' NOT NULL,
	"data" jsonb,
	"state" text NOT NULL,
	"rule" text NOT NULL,
	"needed" integer NOT NULL,
	"requested_by" uuid,
	"requester_may_decide" boolean NOT NULL,
	"due_at" timestamp with time zone,
	"warn_at" timestamp with time zone,
	"warned_at" timestamp with time zone,
	"escalate_to" text,
	"escalated_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"decided_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "workflow"."definitions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "definitions_key" UNIQUE("tenant_id","key")
);

--> statement-breakpoint
CREATE TABLE "workflow"."executions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"definition_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"input" jsonb NOT NULL,
	"output" jsonb,
	"problem" jsonb,
	"started_by" uuid,
	"trigger_id" uuid,
	"parent_id" uuid,
	"parent_step_path" text,
	"idempotency_key" text,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"due_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "workflow"."steps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"execution_id" uuid NOT NULL,
	"path" text NOT NULL,
	"step_id" text NOT NULL,
	"type" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 1 NOT NULL,
	"input" jsonb,
	"output" jsonb,
	"problem" jsonb,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"undo_state" text DEFAULT 'NONE' NOT NULL,
	"undone_at" timestamp with time zone,
	"undo_problem" jsonb,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "steps_path" UNIQUE("execution_id","path")
);

--> statement-breakpoint
CREATE TABLE "workflow"."tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"execution_id" uuid,
	"step_path" text,
	"title" text NOT NULL,
	"instructions" text DEFAULT '' NOT NULL,
	"form" jsonb,
	"data" jsonb,
	"state" text NOT NULL,
	"assignee_id" uuid,
	"role" text,
	"due_at" timestamp with time zone,
	"warn_at" timestamp with time zone,
	"warned_at" timestamp with time zone,
	"escalate_to" text,
	"escalated_at" timestamp with time zone,
	"answer" jsonb,
	"created_by" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"completed_by" uuid,
	"completed_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "workflow"."trail" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subject_id" uuid NOT NULL,
	"action" text NOT NULL,
	"actor_id" uuid,
	"person_id" uuid,
	"role" text,
	"note" text DEFAULT '' NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "workflow"."triggers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"definition_id" uuid NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"version_id" uuid,
	"enabled" boolean DEFAULT true NOT NULL,
	"event_type" text,
	"cron" text,
	"time_zone" text,
	"next_fire_at" timestamp with time zone,
	"sealed_secret" text,
	"last_fired_at" timestamp with time zone,
	"last_error" text,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "triggers_name" UNIQUE("definition_id","name")
);

--> statement-breakpoint
CREATE TABLE "workflow"."versions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"definition_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"state" text NOT NULL,
	"content" jsonb NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"published_by" uuid,
	"published_at" timestamp with time zone,
	"retired_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "versions_number" UNIQUE("definition_id","number")
);

--> statement-breakpoint
CREATE TABLE "workflow"."votes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"approval_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"person_id" uuid,
	"role" text,
	"decision" text,
	"decided_by" uuid,
	"decided_at" timestamp with time zone,
	"comment" text,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "votes_position" UNIQUE("approval_id","position")
);

--> statement-breakpoint
ALTER TABLE "workflow"."approvals" ADD CONSTRAINT "approvals_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "workflow"."executions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "workflow"."executions" ADD CONSTRAINT "executions_definition_id_definitions_id_fk" FOREIGN KEY ("definition_id") REFERENCES "workflow"."definitions"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "workflow"."executions" ADD CONSTRAINT "executions_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "workflow"."versions"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "workflow"."steps" ADD CONSTRAINT "steps_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "workflow"."executions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "workflow"."tasks" ADD CONSTRAINT "tasks_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "workflow"."executions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "workflow"."triggers" ADD CONSTRAINT "triggers_definition_id_definitions_id_fk" FOREIGN KEY ("definition_id") REFERENCES "workflow"."definitions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "workflow"."versions" ADD CONSTRAINT "versions_definition_id_definitions_id_fk" FOREIGN KEY ("definition_id") REFERENCES "workflow"."definitions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "workflow"."votes" ADD CONSTRAINT "votes_approval_id_approvals_id_fk" FOREIGN KEY ("approval_id") REFERENCES "workflow"."approvals"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "approvals_step" ON "workflow"."approvals" USING btree ("execution_id","step_path");
--> statement-breakpoint
CREATE INDEX "approvals_state" ON "workflow"."approvals" USING btree ("tenant_id","state");
--> statement-breakpoint
CREATE UNIQUE INDEX "executions_once" ON "workflow"."executions" USING btree ("tenant_id","definition_id","idempotency_key");
--> statement-breakpoint
CREATE INDEX "executions_definition" ON "workflow"."executions" USING btree ("definition_id","started_at");
--> statement-breakpoint
CREATE INDEX "executions_started" ON "workflow"."executions" USING btree ("tenant_id","started_at");
--> statement-breakpoint
CREATE INDEX "executions_parent" ON "workflow"."executions" USING btree ("parent_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_step" ON "workflow"."tasks" USING btree ("execution_id","step_path");
--> statement-breakpoint
CREATE INDEX "tasks_assignee" ON "workflow"."tasks" USING btree ("tenant_id","assignee_id","state");
--> statement-breakpoint
CREATE INDEX "tasks_role" ON "workflow"."tasks" USING btree ("tenant_id","role","state");
--> statement-breakpoint
CREATE INDEX "trail_subject" ON "workflow"."trail" USING btree ("subject_id","at");
--> statement-breakpoint
CREATE INDEX "triggers_event" ON "workflow"."triggers" USING btree ("tenant_id","event_type");
--> statement-breakpoint
CREATE INDEX "triggers_next" ON "workflow"."triggers" USING btree ("next_fire_at");
--> statement-breakpoint
CREATE UNIQUE INDEX "versions_one_draft" ON "workflow"."versions" USING btree ("definition_id") WHERE state = 'DRAFT';
--> statement-breakpoint
CREATE UNIQUE INDEX "versions_one_published" ON "workflow"."versions" USING btree ("definition_id") WHERE state = 'PUBLISHED';
--> statement-breakpoint
CREATE UNIQUE INDEX "votes_one_each" ON "workflow"."votes" USING btree ("approval_id","decided_by");
--> statement-breakpoint
CREATE INDEX "votes_person" ON "workflow"."votes" USING btree ("tenant_id","person_id");
--> statement-breakpoint
CREATE INDEX "votes_role" ON "workflow"."votes" USING btree ("tenant_id","role");
