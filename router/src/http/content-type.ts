/** What the body of a request is. */
import { RouterError } from "../errors/router-error.js";

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const charsetOf = /;\s*charset\s*=\s*"?([\w-]+)"?/i;

/** JSON in UTF-8, not compressed. @throws RouterError UNSUPPORTED_MEDIA_TYPE */
export function checkJsonType(type: string | undefined, encoding: string | undefined): void {
  if (type === "application/json" && encoding === undefined) return;
  const charset = charsetOf.exec(type ?? "")?.[1] ?? "utf-8";
  const isPlain = encoding === undefined || encoding === "identity";
  if (jsonType.test(type ?? "") && isPlain && /^(?:utf-?8|us-ascii)$/i.test(charset)) return;
  throw new RouterError("UNSUPPORTED_MEDIA_TYPE");
}

export function isForm(type: string | undefined): boolean {
  return type !== undefined && /^multipart\/form-data\s*(?:;|$)/i.test(type);
}
