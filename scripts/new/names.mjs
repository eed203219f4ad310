/** Names of a new module's parts, all derived from its address and its entity. */
import { Problem, readJson, root } from "../workspace.mjs";

const words = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const pascal = (kebab) => kebab.replace(/(^|-)(\w)/g, (_, _dash, letter) => letter.toUpperCase());
const lowerFirst = (text) => text.charAt(0).toLowerCase() + text.slice(1);
const plural = (text) =>
  /[^aeiou]y$/.test(text) ? text.replace(/y$/, "ies") : /(s|x|ch|sh)$/.test(text) ? `${text}es` : `${text}s`;
const kebabOf = (name) => name.replace(/(?!^)([A-Z])/g, "-$1").toLowerCase();

/** `waste-audits` keeps WasteAudits; a name without a plural, such as `materiality`, keeps entries. */
function entityFor(module) {
  if (/[^aeiou]?ies$/.test(module)) return pascal(module.replace(/ies$/, "y"));
  return /[^s]s$/.test(module) ? pascal(module.slice(0, -1)) : `${pascal(module)}Entry`;
}

/** @returns what fills the template's placeholders */
export function namesFor(address, entity) {
  const [suite = "", module = "", rest] = address.split("/");
  if (!words.test(suite) || !words.test(module) || rest !== undefined) {
    throw new Problem(
      `"${address}" is no address: use <suite>/<module> in lower-case words joined by "-", such as esg/waste-audits.`,
    );
  }
  const Entity = entity ?? entityFor(module);
  if (!/^[A-Z][A-Za-z0-9]+$/.test(Entity))
    throw new Problem(`"${Entity}" cannot name a GraphQL type: use a form such as WasteAudit.`);
  const kebab = kebabOf(Entity);
  return {
    suite,
    module,
    Entity,
    entity: lowerFirst(Entity),
    Entities: plural(Entity),
    entities: lowerFirst(plural(Entity)),
    kebab,
    snakes: plural(kebab).replaceAll("-", "_"),
    words: plural(kebab).replaceAll("-", " "),
    CODE: kebab.replaceAll("-", "_").toUpperCase(),
    events: `${lowerFirst(pascal(suite))}Events`,
    eventType: `${module}.${kebab.replaceAll("-", "_")}.created`,
    drizzle: readJson(root, "packages/database/package.json").dependencies["drizzle-orm"],
  };
}
