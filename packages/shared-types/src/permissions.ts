/**
 * Scopes and built-in roles. A scope is `<module>:<action>`; a role is a named set of scopes. Organizations may define
 * roles of their own from the same scopes.
 */
export const actions = ["read", "write", "approve", "admin"] as const;
export type Action = (typeof actions)[number];

export interface BuiltInRole {
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
}

/** The modules a scope may name. A module joins this list when it joins the supergraph. */
export const modules = ["identity", "analytics", "ghg-calculator", "workflow", "events"] as const;

const every = (...wanted: Action[]): string[] =>
  modules.flatMap((module) => wanted.map((action) => `${module}:${action}`));
const business = (...wanted: Action[]): string[] => every(...wanted).filter((scope) => !scope.startsWith("identity:"));

export const builtInRoles: readonly BuiltInRole[] = [
  {
    key: "owner",
    name: "Owner",
    description: "Everything, including the organization itself.",
    scopes: every(...actions),
  },
  {
    key: "administrator",
    name: "Administrator",
    description: "Manages people, roles and keys; reads all data.",
    scopes: ["identity:read", "identity:write", "identity:admin", ...business("read")],
  },
  {
    key: "sustainability-manager",
    name: "Sustainability manager",
    description: "Keeps the inventory and approves it.",
    scopes: ["identity:read", ...business("read", "write", "approve")],
  },
  {
    key: "analyst",
    name: "Analyst",
    description: "Records and analyses data, without approving it.",
    scopes: ["identity:read", ...business("read", "write")],
  },
  { key: "viewer", name: "Viewer", description: "Reads, and changes nothing.", scopes: every("read") },
];
