import { describe, expect, test } from "vitest";
import { isPublicAddress } from "./public-address.js";

/** Rows of IANA's registries of special-purpose addresses that are not globally reachable, and neighbours of theirs. */
describe("an address", () => {
  test.each([
    ...["0.0.0.0", "10.255.255.255", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255"],
    ...[
      "192.0.0.8",
      "192.0.2.1",
      "192.168.1.1",
      "198.18.0.1",
      "198.51.100.7",
      "203.0.113.9",
      "224.0.0.1",
      "255.255.255.255",
    ],
    ...["::", "::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "fc00::1", "fe80::1", "ff02::1", "100::1"],
    ...["2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1"],
  ])("of a special purpose is not public: %s", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "11.0.0.1", "2606:4700::1111", "2a00:1450::8a"])(
    "of the internet is public: %s",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});
