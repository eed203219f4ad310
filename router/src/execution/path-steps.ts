/** Paths of a plan, split once: `users`, `@`, `@|[Admin,Guest]`, `pet|[Cat]`. */
export interface PathStep {
  /** Response key; `null` for every item of a list, and for a type test alone. */
  readonly key: string | null;
  readonly isList: boolean;
  /** Types the object reached may have; `null` for any. */
  readonly types: readonly string[] | null;
}

const typeTest = /\|\[([^\]]*)\]$/;

export function pathSteps(path: readonly string[]): PathStep[] {
  return path.flatMap((element) => {
    const types = typeTest.exec(element)?.[1]?.split(",") ?? null;
    const name = element.replace(typeTest, "");
    if (name === "" && types === null) return [];
    return [{ key: name === "@" || name === "" ? null : name, isList: name === "@", types }];
  });
}

/** Response keys only: what tells two places of the answer apart, whatever lists lie between. */
export function keysOf(path: readonly PathStep[]): string[] {
  return path.flatMap(({ key }) => (key === null ? [] : [key]));
}
