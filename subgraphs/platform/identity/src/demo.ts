/** The organizations and people of the demo world: founded, invited and joined the way anybody would. */
import { demoPassword, organizations, people, projects } from "@tessera/demo-world";
import type { Context, DemoStage } from "@tessera/subgraph";
import { joinByInvitation } from "./domain/accept-invitation.js";
import { createApiKey } from "./domain/api-keys.js";
import { applySubscription } from "./domain/apply-subscription.js";
import { assignProjects } from "./domain/change-member.js";
import { createRole } from "./domain/custom-roles.js";
import { foundWithOwner } from "./domain/found-organization.js";
import { inviteMember } from "./domain/invite-member.js";
import { createServiceAccount } from "./domain/service-accounts.js";

type Organization = (typeof organizations)[keyof typeof organizations];
type Person = (typeof people)[keyof typeof people];
interface Place {
  readonly person: Person;
  readonly role: string;
}

export default async function tellStory(stage: DemoStage): Promise<void> {
  for (const key of Object.keys(organizations) as (keyof typeof organizations)[]) {
    await furnish(stage, organizations[key], peopleOf(key));
  }
  await stage.settle();
}

/** Who works in an organization, in the order in which they are to join. */
function peopleOf(organization: keyof typeof organizations): Place[] {
  return Object.values(people).flatMap((person) =>
    person.memberships
      .filter((membership) => membership.organization === organization)
      .map(({ role }) => ({ person, role })),
  );
}

async function furnish(stage: DemoStage, organization: Organization, places: readonly Place[]): Promise<void> {
  const owner = places.find(({ role }) => role === "owner")?.person;
  if (!owner) throw new Error(`Nobody owns ${organization.name} in the demo world.`);
  const ids = { organizationId: organization.id, ownerId: owner.id };
  await foundWithOwner(stage.withoutTenant(), ids, organization, { ...owner, password: demoPassword });
  const asOwner = stage.as({ id: owner.id, tenantId: organization.id, roles: ["owner"] });
  for (const { person, role } of places) if (person !== owner) await join(stage, asOwner, person, role);
  await subscribe(asOwner, organization);
  if (places.length > 1) await equip(asOwner, organization.slug);
  await assign(asOwner, organization, places);
}

/** What a busy organization has besides people: a role of its own, a machine with a key, somebody who has not answered yet. */
async function equip(asOwner: Context, slug: string): Promise<void> {
  const scopes = ["identity:read", "ghg-calculator:read"];
  await createRole(asOwner, { key: "site-auditor", name: `Site auditor at ${slug}`, scopes });
  const machine = {
    name: `Meter readings of ${slug}`,
    description: "Sends consumption every night.",
    roles: ["analyst"],
  };
  const { id: serviceAccountId } = await createServiceAccount(asOwner, machine);
  await createApiKey(asOwner, {
    name: `Nightly import of ${slug}`,
    scopes: ["ghg-calculator:write"],
    serviceAccountId,
  });
  await inviteMember(asOwner, { email: `new.colleague@${slug}.example.org`, roles: ["viewer"] });
}

/** Who joined last works on the organization's projects. */
async function assign(asOwner: Context, { slug }: Organization, places: readonly Place[]): Promise<void> {
  const here = Object.values(projects).filter(({ organization }) => organization === slug);
  const person = places.at(-1)?.person;
  if (!person || here.length === 0) return;
  await assignProjects(
    asOwner,
    person.id,
    here.map(({ id }) => id),
  );
}

async function join(stage: DemoStage, asOwner: Context, person: Person, role: string): Promise<void> {
  const { token } = await inviteMember(asOwner, { email: person.email, roles: [role], userId: person.id });
  await joinByInvitation(stage.withoutTenant(), { token, password: demoPassword, name: person.name });
}

/** Stands in for the subscription an organization of this tier would have. */
async function subscribe(ctx: Context, { id, tier }: Organization): Promise<void> {
  const state = { subscriptionId: id, organizationId: id, tier, status: "active" as const };
  await applySubscription(ctx, state, ctx.now());
}
