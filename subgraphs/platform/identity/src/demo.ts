/** The organizations and people of the demo world: founded, invited and joined the way anybody would. */
import { demoPassword, organizations, people } from "@tessera/demo-world";
import type { Context, DemoStage } from "@tessera/subgraph";
import { joinByInvitation } from "./domain/accept-invitation.js";
import { applySubscription } from "./domain/apply-subscription.js";
import { foundWithOwner } from "./domain/found-organization.js";
import { inviteMember } from "./domain/invite-member.js";

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
