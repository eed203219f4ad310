CREATE TABLE "ghg_calculator"."activity_import" (
	"id" uuid PRIMARY KEY NOT NULL,
	"calculation_id" uuid NOT NULL,
	"file_name" text NOT NULL,
	"format" text NOT NULL,
	"bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"content" "bytea" NOT NULL,
	"status" text NOT NULL,
	"rows_total" integer NOT NULL,
	"rows_done" integer NOT NULL,
	"rows_failed" integer NOT NULL,
	"row_errors" jsonb NOT NULL,
	"ignored_columns" text[] NOT NULL,
	"result_version" integer,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."base_year_change" (
	"id" uuid PRIMARY KEY NOT NULL,
	"base_year_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"description" text NOT NULL,
	"tonnes_in_base_year" numeric NOT NULL,
	"existed_in_base_year" boolean NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."contractual_instrument" (
	"id" uuid PRIMARY KEY NOT NULL,
	"calculation_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"reference" text NOT NULL,
	"market" text NOT NULL,
	"vintage" integer NOT NULL,
	"kwh" numeric,
	"kg_per_kwh" numeric NOT NULL,
	"criteria_met" text[] NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."emission_calculation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"period_start" date NOT NULL,
	"period_end" date NOT NULL,
	"gwp_basis" text NOT NULL,
	"consolidation" text NOT NULL,
	"factor_sets" text[] NOT NULL,
	"region" text NOT NULL,
	"total_uses" text NOT NULL,
	"automatic_category3" boolean NOT NULL,
	"upstream_of_scope3" boolean NOT NULL,
	"status" text NOT NULL,
	"revision" integer NOT NULL,
	"revision_of" uuid,
	"revision_reason" text,
	"latest_version" integer NOT NULL,
	"result_outdated" boolean NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"locked_by" text,
	"locked_at" timestamp with time zone,
	"approved_by" text,
	"approved_at" timestamp with time zone,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."emission_entry" (
	"id" uuid PRIMARY KEY NOT NULL,
	"calculation_id" uuid NOT NULL,
	"site_id" uuid,
	"activity" text NOT NULL,
	"quantity" numeric NOT NULL,
	"unit" text NOT NULL,
	"heating_value" text,
	"period_start" date NOT NULL,
	"period_end" date NOT NULL,
	"region" text,
	"factor_id" uuid,
	"scope" text,
	"scope3_category" integer,
	"details" jsonb NOT NULL,
	"instrument_id" uuid,
	"supplier" text,
	"supplier_id" uuid,
	"notes" text,
	"intra_group" boolean NOT NULL,
	"data_quality" text,
	"uncertainty_percent" numeric,
	"factor_uncertainty_percent" numeric,
	"pedigree" jsonb,
	"source" text NOT NULL,
	"source_id" text,
	"source_row" integer,
	"source_key" text,
	"pending_review" boolean NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."emission_factor" (
	"id" uuid PRIMARY KEY NOT NULL,
	"factor_set_id" uuid,
	"set_key" text NOT NULL,
	"key" text NOT NULL,
	"origin" text NOT NULL,
	"year" integer NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"region" text NOT NULL,
	"scope" text NOT NULL,
	"stage" text NOT NULL,
	"scope3_categories" jsonb NOT NULL,
	"path" jsonb NOT NULL,
	"activity" text NOT NULL,
	"unit" text NOT NULL,
	"heating_value" text,
	"kg_co2e" numeric,
	"gases" jsonb NOT NULL,
	"gwp_basis" text,
	"biogenic" boolean NOT NULL,
	"wtt_key" text,
	"td_key" text,
	"wtt_td_key" text,
	"biogenic_key" text,
	"electricity_key" text,
	"loss_fraction" numeric,
	"price_year" integer,
	"note" text,
	"supplier_id" uuid,
	"source" text,
	"retired_at" timestamp with time zone,
	"created_by" text,
	"search_text" text NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."emission_result" (
	"id" uuid PRIMARY KEY NOT NULL,
	"calculation_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"formula_version" text NOT NULL,
	"gwp_basis" text NOT NULL,
	"consolidation" text NOT NULL,
	"total_uses" text NOT NULL,
	"scope1" numeric NOT NULL,
	"scope2_location" numeric NOT NULL,
	"scope2_market" numeric NOT NULL,
	"scope3" numeric NOT NULL,
	"total" numeric NOT NULL,
	"biogenic_co2" numeric NOT NULL,
	"scope3_categories" jsonb NOT NULL,
	"gases" jsonb NOT NULL,
	"uncertainty_percent" numeric,
	"uncertainty_coverage_percent" numeric NOT NULL,
	"market_based" jsonb NOT NULL,
	"pending_entries" integer NOT NULL,
	"calculated_by" text NOT NULL,
	"calculated_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."emission_result_line" (
	"id" uuid PRIMARY KEY NOT NULL,
	"result_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"entry_id" uuid NOT NULL,
	"site_id" uuid,
	"site_name" text,
	"activity" text NOT NULL,
	"scope" text NOT NULL,
	"scope3_category" integer,
	"scope2_basis" text,
	"stage" text NOT NULL,
	"method" text NOT NULL,
	"quantity" numeric NOT NULL,
	"unit" text NOT NULL,
	"converted_quantity" numeric NOT NULL,
	"converted_unit" text NOT NULL,
	"factor_id" uuid,
	"factor_key" text,
	"factor_set_key" text,
	"factor_year" integer,
	"factor_region" text,
	"kg_per_unit" numeric NOT NULL,
	"instrument_id" uuid,
	"share" numeric NOT NULL,
	"kg_co2e" numeric NOT NULL,
	"biogenic_kg_co2" numeric NOT NULL,
	"gases" jsonb NOT NULL,
	"uncertainty_percent" numeric,
	"remarks" text[] NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."emission_site" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"region" text NOT NULL,
	"ownership_percent" numeric NOT NULL,
	"financial_control" boolean NOT NULL,
	"operational_control" boolean NOT NULL,
	"opened_on" date,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."emissions_base_year" (
	"id" uuid PRIMARY KEY NOT NULL,
	"calculation_id" uuid NOT NULL,
	"result_id" uuid NOT NULL,
	"year" integer NOT NULL,
	"tonnes" numeric NOT NULL,
	"threshold_percent" numeric NOT NULL,
	"policy" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."factor_set" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"version" text NOT NULL,
	"kind" text NOT NULL,
	"title" text NOT NULL,
	"publisher" text NOT NULL,
	"source_document" text NOT NULL,
	"year" integer NOT NULL,
	"published_on" text,
	"valid_from" date,
	"valid_to" date,
	"region" text NOT NULL,
	"licence" text NOT NULL,
	"attribution" text NOT NULL,
	"gwp_basis" text,
	"notes" jsonb NOT NULL,
	"checksum" text NOT NULL,
	"current" boolean NOT NULL,
	"row_count" integer NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid
);

--> statement-breakpoint
CREATE TABLE "ghg_calculator"."reduction_target" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"method" text NOT NULL,
	"covers" text NOT NULL,
	"scope2_basis" text NOT NULL,
	"base_year" integer NOT NULL,
	"base_tonnes" numeric NOT NULL,
	"target_year" integer NOT NULL,
	"reduction_percent" numeric,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"tenant_id" uuid DEFAULT nullif(current_setting('tessera.tenant', true), '')::uuid NOT NULL
);

--> statement-breakpoint
ALTER TABLE "ghg_calculator"."activity_import" ADD CONSTRAINT "activity_import_calculation_id_emission_calculation_id_fk" FOREIGN KEY ("calculation_id") REFERENCES "ghg_calculator"."emission_calculation"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."base_year_change" ADD CONSTRAINT "base_year_change_base_year_id_emissions_base_year_id_fk" FOREIGN KEY ("base_year_id") REFERENCES "ghg_calculator"."emissions_base_year"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."contractual_instrument" ADD CONSTRAINT "contractual_instrument_calculation_id_emission_calculation_id_fk" FOREIGN KEY ("calculation_id") REFERENCES "ghg_calculator"."emission_calculation"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emission_entry" ADD CONSTRAINT "emission_entry_calculation_id_emission_calculation_id_fk" FOREIGN KEY ("calculation_id") REFERENCES "ghg_calculator"."emission_calculation"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emission_entry" ADD CONSTRAINT "emission_entry_site_id_emission_site_id_fk" FOREIGN KEY ("site_id") REFERENCES "ghg_calculator"."emission_site"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emission_entry" ADD CONSTRAINT "emission_entry_factor_id_emission_factor_id_fk" FOREIGN KEY ("factor_id") REFERENCES "ghg_calculator"."emission_factor"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emission_entry" ADD CONSTRAINT "emission_entry_instrument_id_contractual_instrument_id_fk" FOREIGN KEY ("instrument_id") REFERENCES "ghg_calculator"."contractual_instrument"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emission_factor" ADD CONSTRAINT "emission_factor_factor_set_id_factor_set_id_fk" FOREIGN KEY ("factor_set_id") REFERENCES "ghg_calculator"."factor_set"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emission_result" ADD CONSTRAINT "emission_result_calculation_id_emission_calculation_id_fk" FOREIGN KEY ("calculation_id") REFERENCES "ghg_calculator"."emission_calculation"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emission_result_line" ADD CONSTRAINT "emission_result_line_result_id_emission_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "ghg_calculator"."emission_result"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emissions_base_year" ADD CONSTRAINT "emissions_base_year_calculation_id_emission_calculation_id_fk" FOREIGN KEY ("calculation_id") REFERENCES "ghg_calculator"."emission_calculation"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "ghg_calculator"."emissions_base_year" ADD CONSTRAINT "emissions_base_year_result_id_emission_result_id_fk" FOREIGN KEY ("result_id") REFERENCES "ghg_calculator"."emission_result"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "activity_import_content" ON "ghg_calculator"."activity_import" USING btree ("calculation_id","sha256");
--> statement-breakpoint
CREATE UNIQUE INDEX "contractual_instrument_reference" ON "ghg_calculator"."contractual_instrument" USING btree ("calculation_id","reference");
--> statement-breakpoint
CREATE INDEX "emission_calculation_period" ON "ghg_calculator"."emission_calculation" USING btree ("tenant_id","period_start");
--> statement-breakpoint
CREATE INDEX "emission_entry_calculation" ON "ghg_calculator"."emission_entry" USING btree ("calculation_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "emission_entry_source" ON "ghg_calculator"."emission_entry" USING btree ("calculation_id","source_key");
--> statement-breakpoint
CREATE INDEX "emission_factor_activity" ON "ghg_calculator"."emission_factor" USING btree ("activity");
--> statement-breakpoint
CREATE INDEX "emission_factor_set" ON "ghg_calculator"."emission_factor" USING btree ("factor_set_id");
--> statement-breakpoint
CREATE INDEX "emission_factor_key" ON "ghg_calculator"."emission_factor" USING btree ("key");
--> statement-breakpoint
CREATE UNIQUE INDEX "emission_result_version" ON "ghg_calculator"."emission_result" USING btree ("calculation_id","version");
--> statement-breakpoint
CREATE UNIQUE INDEX "emission_result_line_position" ON "ghg_calculator"."emission_result_line" USING btree ("result_id","position");
--> statement-breakpoint
CREATE UNIQUE INDEX "emission_site_name" ON "ghg_calculator"."emission_site" USING btree ("tenant_id",lower("name"));
--> statement-breakpoint
CREATE UNIQUE INDEX "emissions_base_year_one" ON "ghg_calculator"."emissions_base_year" USING btree ("tenant_id");
--> statement-breakpoint
CREATE UNIQUE INDEX "factor_set_key_version" ON "ghg_calculator"."factor_set" USING btree ("key","version") WHERE tenant_id is null;
