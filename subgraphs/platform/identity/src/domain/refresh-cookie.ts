/** The cookie that carries the refresh token. Scripts cannot read it, other sites cannot send it. Pure. */

const cookieName = "tessera_refresh";
const attributes = "HttpOnly; Secure; SameSite=Strict; Path=/graphql";

export function refreshCookie(token: string, seconds: number): string {
  return `${cookieName}=${token}; Max-Age=${seconds}; ${attributes}`;
}

export const noRefreshCookie = refreshCookie("", 0);

/** The refresh token in a raw `cookie` header, or null. */
export function readRefreshCookie(header: string | undefined): string | null {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim());
  const found = pairs.find((pair) => pair.startsWith(`${cookieName}=`));
  return found?.slice(cookieName.length + 1) || null;
}
