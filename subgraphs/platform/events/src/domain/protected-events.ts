/**
 * Events that decide about rights and money. An organization's administrator reads them, but neither writes new ones
 * into the store, nor changes their payload, nor has them delivered once more: an old or edited
 * `billing.subscription.updated` would be a plan nobody paid for.
 */
export const protectedFamilies = ["identity", "security", "billing"] as const;

export function isProtected(type: string): boolean {
  return protectedFamilies.some((family) => type.startsWith(`${family}.`));
}
