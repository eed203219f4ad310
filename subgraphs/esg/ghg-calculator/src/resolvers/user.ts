const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A reference identity can resolve; null where a module acted by itself. */
export const userOf = (id: string | null): { __typename: "User"; id: string } | null =>
  id && uuid.test(id) ? { __typename: "User", id } : null;
