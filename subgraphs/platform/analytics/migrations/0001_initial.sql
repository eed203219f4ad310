CREATE TABLE "analytics"."metrics" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"unit" text NOT NULL,
	"origin" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "metrics_key" UNIQUE("tenant_id","key")
);

--> statement-breakpoint
CREATE TABLE "analytics"."point_sources" (
	"source" text NOT NULL,
	"version" integer NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"event_id" uuid NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "point_sources_key" PRIMARY KEY("tenant_id","source")
);

--> statement-breakpoint
CREATE TABLE "analytics"."points" (
	"id" uuid PRIMARY KEY NOT NULL,
	"metric_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"value" numeric NOT NULL,
	"dimensions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"source" text NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL,
	CONSTRAINT "points_identity" UNIQUE("tenant_id","metric_id","at","dimensions","source")
);

--> statement-breakpoint
CREATE TABLE "analytics"."dashboards" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "analytics"."widgets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dashboard_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"text" text,
	"metric_key" text,
	"query" jsonb,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "analytics"."thresholds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"metric_key" text NOT NULL,
	"name" text NOT NULL,
	"direction" text NOT NULL,
	"limit" numeric NOT NULL,
	"clear_limit" numeric,
	"cool_down_seconds" integer DEFAULT 0 NOT NULL,
	"interval" text NOT NULL,
	"aggregation" text NOT NULL,
	"dimensions" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"exceeded" boolean DEFAULT false NOT NULL,
	"last_exceeded_at" timestamp with time zone,
	"last_value" numeric,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "analytics"."cubes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"query" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "analytics"."insights" (
	"id" uuid PRIMARY KEY NOT NULL,
	"metric_key" text NOT NULL,
	"interval" text NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"summary" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"found_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "analytics"."reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"dashboard_id" uuid NOT NULL,
	"format" text NOT NULL,
	"file_name" text NOT NULL,
	"content_type" text NOT NULL,
	"bytes" integer NOT NULL,
	"content" "bytea" NOT NULL,
	"generated_at" timestamp with time zone NOT NULL,
	"generated_by" uuid,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "analytics"."benchmarks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"metric_key" text NOT NULL,
	"industry" text NOT NULL,
	"size_band" text NOT NULL,
	"year" integer NOT NULL,
	"per_employee" boolean NOT NULL,
	"n" integer,
	"lower_quartile" numeric,
	"median" numeric,
	"upper_quartile" numeric,
	"published_at" timestamp with time zone,
	CONSTRAINT "benchmarks_group" UNIQUE("metric_key","industry","size_band","year","per_employee")
);

--> statement-breakpoint
CREATE TABLE "analytics"."contributions" (
	"benchmark_id" uuid NOT NULL,
	"contributor" text NOT NULL,
	"value" numeric,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "contributions_key" PRIMARY KEY("benchmark_id","contributor")
);

--> statement-breakpoint
CREATE TABLE "analytics"."agreements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"benchmark_id" uuid NOT NULL,
	"value" numeric NOT NULL,
	"agreed_by" uuid,
	"agreed_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
ALTER TABLE "analytics"."points" ADD CONSTRAINT "points_metric_id_metrics_id_fk" FOREIGN KEY ("metric_id") REFERENCES "analytics"."metrics"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analytics"."widgets" ADD CONSTRAINT "widgets_dashboard_id_dashboards_id_fk" FOREIGN KEY ("dashboard_id") REFERENCES "analytics"."dashboards"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "analytics"."contributions" ADD CONSTRAINT "contributions_benchmark" FOREIGN KEY ("benchmark_id") REFERENCES "analytics"."benchmarks"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "points_source" ON "analytics"."points" USING btree ("tenant_id","source");
--> statement-breakpoint
CREATE INDEX "widgets_dashboard" ON "analytics"."widgets" USING btree ("dashboard_id");
--> statement-breakpoint
CREATE INDEX "widgets_metric" ON "analytics"."widgets" USING btree ("tenant_id","metric_key");
--> statement-breakpoint
CREATE INDEX "thresholds_metric" ON "analytics"."thresholds" USING btree ("tenant_id","metric_key");
--> statement-breakpoint
CREATE INDEX "insights_metric" ON "analytics"."insights" USING btree ("tenant_id","metric_key");
--> statement-breakpoint
CREATE UNIQUE INDEX "agreements_group" ON "analytics"."agreements" USING btree ("tenant_id","benchmark_id");
