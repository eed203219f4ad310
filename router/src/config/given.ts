type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the keys nobody has given a value. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
