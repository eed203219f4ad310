/** Which addresses belong to the public internet: https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-. */
import { BlockList, isIPv6 } from "node:net";

/** Not globally reachable, or a way to what is not. */
const reserved4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

const blocked4 = new BlockList();
for (const [address, bits] of reserved4) blocked4.addSubnet(address, bits, "ipv4");

/** Of IPv6 only 2000::/3 is given out, and of that some is for documentation, benchmarks and tunnels to IPv4. */
const global6 = new BlockList();
global6.addSubnet("2000::", 3, "ipv6");
const blocked6 = new BlockList();
for (const [address, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  blocked6.addSubnet(address, bits, "ipv6");
}

export function isPublicAddress(address: string): boolean {
  if (!isIPv6(address)) return !blocked4.check(address, "ipv4");
  return global6.check(address, "ipv6") && !blocked6.check(address, "ipv6");
}
