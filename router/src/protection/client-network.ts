/** Who counts as one client when all that is known is an address. */
import { isIPv6 } from "node:net";

/** An IPv4 address, the /64 of an IPv6 one, which is what one customer has, or `unknown`. */
export function networkOf(address: string | undefined): string {
  if (!address) return "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  return isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(":")}::/64` : address;
}

function groupsOf(address: string): string[] {
  const [plain = ""] = address.split("%");
  const [head = "", tail] = plain.split("::");
  const first = head.split(":").filter(Boolean);
  if (tail === undefined) return first.map(shortest);
  const last = tail.split(":").filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return [...first, ...zeros, ...last].map(shortest);
}

function shortest(group: string): string {
  return group.toLowerCase().replace(/^0+(?=.)/, "");
}
