/**
 * What identity stores. Organizations and everything inside one are tenant tables: the database keeps tenants apart.
 * People and what proves who they are belong to no tenant: every statement on those tables is in `queries/` and names
 * the person, the session, the secret's hash or the tenant's members it is limited to.
 */

import { moduleSchema } from "@tessera/database";
import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { currentPerson, emptyTexts, instant } from "./columns.js";

const { tenantTable, globalTable } = moduleSchema("identity");

/** The tenant itself: `id` equals `tenant_id`. Also readable by its members while they work elsewhere. */
export const organizations = tenantTable(
  "organizations",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    industry: text("industry"),
    country: text("country"),
    employees: integer("employees"),
    tier: text("tier").$type<"FREE" | "PRO" | "ENTERPRISE">().notNull().default("FREE"),
    subscriptionId: uuid("subscription_id"),
    subscriptionStatus: text("subscription_status").$type<SubscriptionStatus>(),
    /** When the subscription last changed, by the clock of whoever bills; older news is ignored. */
    subscriptionChangedAt: instant("subscription_changed_at"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  undefined,
  {
    alsoVisible: sql`id in (select m.tenant_id from identity.memberships m where m.user_id = ${currentPerson} and m.ended_at is null)`,
  },
);
export type SubscriptionStatus = "trialing" | "active" | "past_due" | "cancelled";

export const organizationSettings = tenantTable("organization_settings", {
  /** The organization's id. */
  id: uuid("id").primaryKey(),
  locale: text("locale").notNull().default("en-GB"),
  timeZone: text("time_zone").notNull().default("UTC"),
  currency: text("currency").notNull().default("EUR"),
  /** 1 to 12. */
  fiscalYearStartMonth: integer("fiscal_year_start_month").notNull().default(1),
  /** Longest lifetime of an API key in days. */
  apiKeyMaxDays: integer("api_key_max_days").notNull().default(365),
  invitationDays: integer("invitation_days").notNull().default(7),
  updatedAt: instant("updated_at").notNull(),
});

/** A person in an organization. A membership that ended stays, so that history can still name the person. */
export const memberships = tenantTable(
  "memberships",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull(),
    roleKeys: emptyTexts("role_keys"),
    assignedProjects: emptyTexts("assigned_projects"),
    joinedAt: instant("joined_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (table) => [
    uniqueIndex("memberships_person").on(table.tenantId, table.userId),
    index("memberships_user").on(table.userId),
  ],
  { alsoVisible: sql`user_id = ${currentPerson}` },
);

/** Roles an organization made for itself; the built-in ones are constants. */
export const customRoles = tenantTable(
  "custom_roles",
  {
    id: uuid("id").primaryKey(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    scopes: emptyTexts("scopes"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [uniqueIndex("custom_roles_key").on(table.tenantId, table.key)],
);

/** Also readable by the invited person, wherever they work, so that erasing them reaches it. */
export const invitations = tenantTable(
  "invitations",
  {
    id: uuid("id").primaryKey(),
    /** Lower case. */
    email: text("email").notNull(),
    /** Who accepts: the known person, else the id the new person will get. */
    userId: uuid("user_id").notNull(),
    roleKeys: emptyTexts("role_keys"),
    tokenHash: text("token_hash").notNull(),
    invitedBy: uuid("invited_by").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    acceptedAt: instant("accepted_at"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [
    uniqueIndex("invitations_token").on(table.tokenHash),
    uniqueIndex("invitations_open")
      .on(table.tenantId, table.email)
      .where(sql`accepted_at is null and revoked_at is null`),
    index("invitations_user").on(table.userId),
  ],
  { alsoVisible: sql`user_id = ${currentPerson}` },
);

export const serviceAccounts = tenantTable("service_accounts", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull(),
  description: text("description").notNull().default(""),
  roleKeys: emptyTexts("role_keys"),
  createdAt: instant("created_at").notNull(),
  disabledAt: instant("disabled_at"),
});

/** A key acts for the person in `userId` or for the service account in `serviceAccountId`, never for both. */
export const apiKeys = tenantTable(
  "api_keys",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    /** First characters of the secret, to recognise it by. */
    prefix: text("prefix").notNull(),
    hash: text("hash").notNull(),
    scopes: emptyTexts("scopes"),
    userId: uuid("user_id"),
    serviceAccountId: uuid("service_account_id"),
    createdBy: uuid("created_by").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    lastUsedAt: instant("last_used_at"),
    revokedAt: instant("revoked_at"),
  },
  (table) => [uniqueIndex("api_keys_hash").on(table.hash), index("api_keys_user").on(table.tenantId, table.userId)],
);

export const users = globalTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    /** Lower case; null once the person is erased. */
    email: text("email"),
    name: text("name").notNull(),
    locale: text("locale"),
    createdAt: instant("created_at").notNull(),
    erasedAt: instant("erased_at"),
  },
  (table) => [uniqueIndex("users_email").on(table.email)],
);

export const credentials = globalTable("credentials", {
  userId: uuid("user_id").primaryKey(),
  /** Argon2id in PHC string format. */
  passwordHash: text("password_hash").notNull(),
  changedAt: instant("changed_at").notNull(),
});

/** Failed logins per e-mail, known or not, so that both are answered alike. */
export const loginAttempts = globalTable(
  "login_attempts",
  {
    emailHash: text("email_hash").primaryKey(),
    failures: integer("failures").notNull(),
    lastFailureAt: instant("last_failure_at").notNull(),
    lockedUntil: instant("locked_until"),
  },
  (table) => [index("login_attempts_age").on(table.lastFailureAt)],
);

/** A login and everything refreshed from it: one family of refresh tokens. */
export const sessions = globalTable(
  "sessions",
  {
    id: uuid("id").primaryKey(),
    userId: uuid("user_id").notNull(),
    /** The organization the session works in at the moment. */
    organizationId: uuid("organization_id").notNull(),
    createdAt: instant("created_at").notNull(),
    lastUsedAt: instant("last_used_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
    revokedBecause: text("revoked_because"),
    clientAddress: text("client_address"),
    userAgent: text("user_agent"),
  },
  (table) => [index("sessions_user").on(table.userId), index("sessions_organization").on(table.organizationId)],
);

export const refreshTokens = globalTable(
  "refresh_tokens",
  {
    hash: text("hash").primaryKey(),
    sessionId: uuid("session_id").notNull(),
    expiresAt: instant("expires_at").notNull(),
    /** When it was exchanged for its successor; from then on using it again is suspicious. */
    usedAt: instant("used_at"),
  },
  (table) => [index("refresh_tokens_session").on(table.sessionId)],
);

/** Password resets that were asked for. The token is sealed until it has been delivered. */
export const passwordResets = globalTable(
  "password_resets",
  {
    hash: text("hash").primaryKey(),
    userId: uuid("user_id").notNull(),
    sealedToken: text("sealed_token").notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (table) => [index("password_resets_user").on(table.userId)],
);

/** Keys that sign access tokens. The private part is sealed with the installation's secret. */
export const signingKeys = globalTable(
  "signing_keys",
  {
    kid: text("kid").primaryKey(),
    publicJwk: jsonb("public_jwk").$type<Record<string, unknown>>().notNull(),
    sealedPrivateJwk: text("sealed_private_jwk").notNull(),
    current: boolean("current").notNull(),
    createdAt: instant("created_at").notNull(),
    /** Until then the public part is published after rotation: every token it signed has expired by that time. */
    publishedUntil: instant("published_until"),
  },
  (table) => [uniqueIndex("signing_keys_current").on(table.current).where(sql`current`)],
);

/** One row: which organization runs this installation. */
export const installation = globalTable("installation", {
  id: integer("id").primaryKey().default(1),
  operatorId: uuid("operator_id").notNull(),
});

export type OrganizationRow = typeof organizations.$inferSelect;
export type SettingsRow = typeof organizationSettings.$inferSelect;
export type MembershipRow = typeof memberships.$inferSelect;
export type InvitationRow = typeof invitations.$inferSelect;
export type ServiceAccountRow = typeof serviceAccounts.$inferSelect;
export type ApiKeyRow = typeof apiKeys.$inferSelect;
export type UserRow = typeof users.$inferSelect;
export type SessionRow = typeof sessions.$inferSelect;
