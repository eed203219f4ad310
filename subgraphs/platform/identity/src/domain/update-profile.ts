import type { Context } from "@tessera/subgraph";
import { errors } from "../errors.js";
import { type PersonRow, updatePerson } from "../queries/people.js";
import { requirePerson } from "./require-person.js";
import { localeValue, nameValue } from "./value-rules.js";

export interface ProfileChange {
  readonly name?: string | null | undefined;
  readonly locale?: string | null | undefined;
}

/** @throws VALUE_INVALID, SESSION_REQUIRED */
export async function updateProfile(ctx: Context, { name, locale }: ProfileChange): Promise<PersonRow> {
  const { id: userId } = requirePerson(ctx);
  const change = {
    ...(name ? { name: nameValue("name", name) } : {}),
    ...(locale === undefined ? {} : { locale: locale && localeValue(locale) }),
  };
  if (Object.keys(change).length === 0) throw errors.VALUE_INVALID({ field: "input", reason: "name what to change" });
  const row = await ctx.transaction((tx) => updatePerson(tx, userId, change));
  if (!row) throw errors.MEMBER_NOT_FOUND({ userId });
  return { ...row, current: true };
}
