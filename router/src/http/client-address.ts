/** Whose request it is when proxies pass it on: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For */
import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";

/**
 * Reads the address of the client. Each proxy appends to `x-forwarded-for` who called it, so the list is believed from
 * its end, as far as trusted proxies wrote it.
 *
 * @param trustedProxies addresses and ranges such as `10.0.0.0/8` or `::1`
 * @throws TypeError for an entry that is neither
 */
export function createClientAddress(
  trustedProxies: readonly string[] = [],
): (request: IncomingMessage) => string | undefined {
  if (trustedProxies.length === 0) return ({ socket }) => socket.remoteAddress;
  const isTrusted = createTrust(trustedProxies);

  return ({ socket, headers }) => {
    let address = plain(socket.remoteAddress ?? "");
    const forwarded = headers["x-forwarded-for"];
    const callers = (Array.isArray(forwarded) ? forwarded.join(",") : (forwarded ?? "")).split(",").map(plain);
    while (isTrusted(address)) {
      const caller = callers.pop();
      if (caller === undefined || isIP(caller) === 0) break;
      address = caller;
    }
    return address || undefined;
  };
}

function createTrust(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = "", bits] = proxy.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (isIP(address) === 0) throw new TypeError(`A trusted proxy is an address or a range, and ${proxy} is neither.`);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** Without port, brackets, and the IPv6 form of an IPv4 address. */
function plain(address: string): string {
  const text = address.trim();
  const bracketed = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1];
  if (bracketed) return bracketed;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped) return mapped;
  return /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
}
