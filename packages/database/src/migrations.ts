/** Writes migrations from tables. */
export interface MigrationRequest {
  readonly module: string;
  readonly tables: Record<string, unknown>;
  readonly migrationsDir: string | URL;
}

/** Writes the migration that brings the database from the last snapshot to the tables; null when nothing changed. */
export async function generateMigration(
  _request: MigrationRequest & { readonly name: string },
): Promise<{ file: string; statements: readonly string[] } | null> {
  throw new Error("generateMigration is not written yet");
}

/** Statements that are missing from the migrations; empty when they match the tables. */
export async function checkMigrations(_request: MigrationRequest): Promise<readonly string[]> {
  throw new Error("checkMigrations is not written yet");
}
