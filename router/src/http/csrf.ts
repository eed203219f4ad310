/**
 * A page of another site can make a browser send some requests, with the visitor's cookies, without asking first
 * (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). Such a request is only run with a header that makes
 * browsers ask.
 */
import type { IncomingHttpHeaders } from "node:http";
import { RouterError } from "../errors/router-error.js";

/** Section `csrf`: what a request needs that a browser would send without asking first. */
export interface CsrfOptions {
  /** One of them, not empty, lets a simple request through. Default `x-apollo-operation-name`, `apollo-require-preflight`. */
  readonly requiredHeaders: readonly string[];
}

const usual: CsrfOptions = { requiredHeaders: ["x-apollo-operation-name", "apollo-require-preflight"] };
const simpleTypes = new Set(["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]);

/** @returns a function that throws RouterError CSRF_PREVENTED. */
export function createCsrfCheck(options: CsrfOptions | false = usual): (headers: IncomingHttpHeaders) => void {
  if (options === false) return () => {};
  const required = options.requiredHeaders.map((name) => name.toLowerCase());

  return (headers) => {
    const type = headers["content-type"];
    if (type !== undefined && !simpleTypes.has(essenceOf(type))) return;
    if (required.some((name) => (headers[name] ?? "") !== "")) return;
    throw new RouterError("CSRF_PREVENTED", { headers: required.join(", ") });
  };
}

function essenceOf(type: string): string {
  const end = type.indexOf(";");
  return (end === -1 ? type : type.slice(0, end)).trim().toLowerCase();
}
