-- A result and its lines are written once. Recalculation makes a new version beside them; nothing updates an old one.
CREATE FUNCTION "ghg_calculator"."refuse_change_of_result"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A result never changes: recalculate to get a new version.' USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "emission_result_never_changes" BEFORE UPDATE OR DELETE ON "ghg_calculator"."emission_result"
  FOR EACH ROW EXECUTE FUNCTION "ghg_calculator"."refuse_change_of_result"();
--> statement-breakpoint
CREATE TRIGGER "emission_result_line_never_changes" BEFORE UPDATE OR DELETE ON "ghg_calculator"."emission_result_line"
  FOR EACH ROW EXECUTE FUNCTION "ghg_calculator"."refuse_change_of_result"();
