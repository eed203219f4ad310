/** PostgreSQL refuses to run as root; then it runs as "nobody". Otherwise it runs as whoever started this process. */
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** `null`: the user of this process. */
export type ServerUser = { readonly uid: number; readonly gid: number } | null;

export function serverUser(): ServerUser {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : null;
}

/** Whether the server's user may enter `path` and all folders above it. Parts that do not exist do not hinder. */
export async function canEnter(path: string, user: ServerUser): Promise<boolean> {
  if (!user) return true;
  let folder = resolve(path);
  for (;;) {
    const facts = await stat(folder).catch(() => null);
    if (facts) {
      const bit = facts.uid === user.uid ? 0o100 : facts.gid === user.gid ? 0o010 : 0o001;
      if ((facts.mode & bit) === 0) return false;
    }
    const parent = dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}
