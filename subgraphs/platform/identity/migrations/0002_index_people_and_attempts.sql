CREATE INDEX "invitations_user" ON "identity"."invitations" USING btree ("user_id");
--> statement-breakpoint
CREATE INDEX "login_attempts_age" ON "identity"."login_attempts" USING btree ("last_failure_at");
