/** The owner's side: is the server fit for us, and does the login role of the modules exist. */
import { createHash, createHmac } from "node:crypto";
import type postgres from "postgres";
import { describeTarget, type Target } from "./connection-url.js";
import { DatabaseError } from "./errors.js";
import { openLine } from "./line.js";
import { openOwnerClient } from "./owner-client.js";
import { coded } from "./refusals.js";
import { changeRoles, createIfMissing } from "./roles.js";

/** Logs in for module work. It has no rights of its own until it takes a module's role. */
export const appRole = "tessera_app";
const oldestVersion = 150000;

export interface Owner {
  readonly admin: postgres.Sql;
  /** How module work reaches the same database. */
  readonly appTarget: Target;
  readonly identity: string;
}

/** @throws DatabaseError DATABASE_UNAVAILABLE | UNSUPPORTED_VERSION */
export async function openOwner(target: Target): Promise<Owner> {
  const admin = openOwnerClient(target);
  try {
    const facts = await serverFacts(admin);
    checkVersion(target, facts.version);
    const password = target.password && appPassword(target.password);
    const appTarget = { ...target, user: appRole, password };
    if (!facts.hasApp) await createAppRole(admin, target, facts.mayCreateRoles, password);
    else if (password) await agreeOnPassword(admin, appTarget);
    const identity = createHash("sha256").update(facts.origin).digest("hex").slice(0, 12);
    return { admin, appTarget, identity };
  } catch (error) {
    await admin.end({ timeout: 1 });
    throw error instanceof DatabaseError ? error : refused(target, error);
  }
}

/** The same for every process that knows the owner's password, so that none has to hand it to another. */
function appPassword(ownerPassword: string): string {
  return createHmac("sha256", ownerPassword).update(appRole).digest("base64url");
}

interface Facts {
  readonly version: number;
  readonly mayCreateRoles: boolean;
  readonly hasApp: boolean;
  readonly origin: string;
}

async function serverFacts(admin: postgres.Sql) {
  const [row] = await admin<Facts[]>`
    select current_setting('server_version_num')::int as version,
           rolsuper or rolcreaterole as "mayCreateRoles",
           exists (select from pg_roles where rolname = ${appRole}) as "hasApp",
           (select system_identifier from pg_control_system()) || '/' ||
             (select oid from pg_database where datname = current_database()) as origin
      from pg_roles where rolname = current_user`;
  if (!row) throw new DatabaseError("DATABASE_UNAVAILABLE", "PostgreSQL does not know the role it let in.");
  return row;
}

function checkVersion(target: Target, version: number): void {
  if (version >= oldestVersion) return;
  throw new DatabaseError(
    "UNSUPPORTED_VERSION",
    `PostgreSQL at ${describeTarget(target)} is version ${Math.floor(version / 10000)}: Tessera needs 15 or newer.`,
    { details: { version } },
  );
}

async function createAppRole(admin: postgres.Sql, target: Target, may: boolean, password: string): Promise<void> {
  if (!may) {
    throw new DatabaseError(
      "DATABASE_UNAVAILABLE",
      `The role "${target.user}" may not create roles, which Tessera needs: run ALTER ROLE "${target.user}" CREATEROLE as an administrator.`,
    );
  }
  // Only letters, digits, - and _ can be in the password, so it needs no escaping.
  const login = `create role ${appRole} login noinherit${password ? ` password '${password}'` : ""}`;
  await changeRoles(admin, createIfMissing(appRole, login));
}

async function agreeOnPassword(admin: postgres.Sql, appTarget: Target): Promise<void> {
  try {
    (await openLine(appTarget)).end();
  } catch (error) {
    if ((error as { code?: string }).code !== "28P01") throw error;
    await changeRoles(admin, `alter role ${appRole} login noinherit password '${appTarget.password}'`);
  }
}

const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: start the server or correct DATABASE_URL",
  ENOENT: "there is no such socket: start the server or correct DATABASE_URL",
  ENOTFOUND: "the host name is unknown: correct DATABASE_URL",
  EAI_AGAIN: "the host name cannot be looked up: correct DATABASE_URL or the network",
  CONNECT_TIMEOUT: "it does not answer: check address, port and firewall",
  "28P01": "the password is wrong: correct it in DATABASE_URL",
  "28000": "it does not let this role in: correct the role in DATABASE_URL or pg_hba.conf",
  "3D000": "the database does not exist: create it or correct DATABASE_URL",
  "53300": "it has no connection left: raise max_connections or lower the pool size",
};

function refused(target: Target, error: unknown): DatabaseError {
  const raw = error as { code?: string; message?: string };
  const why = advice[raw.code ?? ""] ?? coded(error).message;
  return new DatabaseError(
    "DATABASE_UNAVAILABLE",
    `PostgreSQL at ${describeTarget(target)} cannot be used as "${target.user}": ${why}.`,
    { cause: error, details: { host: target.host, port: target.port, database: target.database, reason: raw.code } },
  );
}
