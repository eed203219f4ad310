/**
 * Errors of a subgraph at the paths the client knows. Only when there are some, the tree is walked again: an error of an
 * entity belongs to every place that shows it, an error of the whole call to every object the call was for.
 */
import { GraphQLError } from "graphql";
import type { CompiledCall, EntityTarget, RootTarget } from "./compiled-call.js";
import type { SubgraphError } from "./read-answer.js";
import type { ShownPaths } from "./shown-paths.js";
import type { Tree } from "./text/tree.js";
import type { TypeNames } from "./type-names.js";
import { placesAt, type ResponsePath } from "./walk.js";
import type { Wanted } from "./wanted.js";

export interface ErrorPlaces {
  readonly root: Tree;
  readonly names: TypeNames;
  /** Private alias → the name the client expects. */
  readonly responseNames: Readonly<Record<string, string>>;
  readonly paths: ShownPaths;
}

/** A call tells of no more, wherever they are shown: an answer full of errors must not grow with every object it is for. */
const mostErrors = 1_000;

export function errorsOfRoot(
  errors: readonly SubgraphError[],
  call: CompiledCall,
  target: RootTarget,
  places: ErrorPlaces,
): GraphQLError[] {
  const at = pathsOf(target, places, () => true);
  return spread(errors, call, places, (error) => {
    if (!error.path && isTop(target)) return [];
    const path = target.rewrites?.rename(error.path ?? []) ?? error.path ?? [];
    return at.map((before) => [...before, ...path]);
  });
}

/** Each error at each of its paths; one that belongs nowhere is told of without a path. */
function spread(
  errors: readonly SubgraphError[],
  call: CompiledCall,
  places: ErrorPlaces,
  pathsFor: (error: SubgraphError) => readonly ResponsePath[],
): GraphQLError[] {
  const all: GraphQLError[] = [];
  for (const error of errors) {
    if (all.length >= mostErrors) return all;
    const paths = distinct(pathsFor(error).slice(0, mostErrors - all.length));
    if (paths.length === 0) all.push(located(error, undefined, call, places));
    for (const path of paths) all.push(located(error, path, call, places));
  }
  return all;
}

function isTop({ places }: RootTarget): boolean {
  return places.every(({ path }) => path.length === 0);
}

export function errorsOfEntities(
  errors: readonly SubgraphError[],
  call: CompiledCall,
  wanted: readonly Wanted[],
  places: ErrorPlaces,
): GraphQLError[] {
  let ofAll: ResponsePath[] | undefined;
  return spread(errors, call, places, (error) => {
    const [alias, index] = error.path ?? [];
    const field = call.operation.entities.findIndex((one) => one.alias === alias);
    const paths = field < 0 ? [] : pathsOfField(error, field, index, call, wanted, places);
    if (paths.length > 0) return paths;
    ofAll ??= pathsOfAll(call, wanted, places);
    return ofAll;
  });
}

/** Paths of the fields a call did not bring because of its errors, which are reported at other fields: no null there is news. */
export function lackingRoot(target: RootTarget, places: ErrorPlaces): ResponsePath[] {
  return fieldsAt(
    pathsOf(target, places, () => true),
    target,
    places,
  );
}

/** The same for entities: of each that is not there and has an error, or of all when the whole answer is missing. */
export function lackingEntities(
  errors: readonly SubgraphError[],
  data: Readonly<Tree> | null,
  call: CompiledCall,
  wanted: readonly Wanted[],
  places: ErrorPlaces,
): ResponsePath[] {
  return wanted.flatMap((one, field) => {
    const target = call.entities[field];
    const alias = call.operation.entities[field]?.alias ?? "";
    const list = data?.[alias];
    const failed = new Set(errors.map(({ path }) => (path?.[0] === alias ? path[1] : undefined)));
    const lacks = (number = 0) => !Array.isArray(list) || (failed.has(number) && list[number] === null);
    const objects = one.objects.filter((_, at) => lacks(one.numbers[at]));
    return target ? fieldsAt(pathsToTargets(target, objects, places), target, places) : [];
  });
}

function fieldsAt(paths: readonly ResponsePath[], { keys }: RootTarget, places: ErrorPlaces): ResponsePath[] {
  const fields = paths.flatMap((path) => keys.map((key) => [...path, key]));
  // A field the plan fetched for itself has no path.
  return fields.map((path) => shownPath(path, places)).filter((shown, at) => shown.length === fields[at]?.length);
}

function pathsOfAll(call: CompiledCall, wanted: readonly Wanted[], places: ErrorPlaces): ResponsePath[] {
  return wanted.flatMap((one, field) => pathsToTargets(call.entities[field], one.objects, places));
}

function pathsOfField(
  error: SubgraphError,
  field: number,
  index: string | number | undefined,
  call: CompiledCall,
  wanted: readonly Wanted[],
  places: ErrorPlaces,
): ResponsePath[] {
  // Copies of one fetch with different values have one target between them.
  const target = call.entities[field] ?? call.entities[0];
  const { objects = [], numbers = [] } = wanted[field] ?? {};
  const meant = typeof index === "number" ? objects.filter((_, at) => numbers[at] === index) : objects;
  const below = error.path?.slice(2) ?? [];
  const renamed = target?.rewrites?.rename(below) ?? below;
  return pathsToTargets(target, meant, places).map((path) => [...path, ...renamed]);
}

function pathsToTargets(
  target: EntityTarget | undefined,
  objects: readonly Tree[],
  places: ErrorPlaces,
): ResponsePath[] {
  const meant = new Set(objects);
  return target ? pathsOf(target, places, (object) => meant.has(object)) : [];
}

function pathsOf(target: RootTarget, { root, names }: ErrorPlaces, isMeant: (object: Tree) => boolean): ResponsePath[] {
  const paths: ResponsePath[] = [];
  for (const { path } of target.places) {
    placesAt(root, path, names, (object, at) => {
      if (isMeant(object)) paths.push(at);
    });
  }
  return paths;
}

function distinct(paths: readonly ResponsePath[]): ResponsePath[] {
  if (paths.length < 2) return [...paths];
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

/** Errors keep their code; one without is internal to its subgraph, and masked on the way to the client. */
function located(
  error: SubgraphError,
  path: ResponsePath | undefined,
  { operation }: CompiledCall,
  places: ErrorPlaces,
): GraphQLError {
  const shown = path && shownPath(path, places);
  const extensions = { code: "INTERNAL_SERVER_ERROR", module: operation.subgraph, ...error.extensions };
  const originalError = error instanceof GraphQLError ? (error.originalError ?? error) : null;
  return new GraphQLError(error.message, { ...(shown ? { path: shown } : {}), extensions, originalError });
}

/** As the client knows it, as far as it does. */
function shownPath(path: ResponsePath, { paths, root, responseNames }: ErrorPlaces): ResponsePath {
  return paths
    .within(path, root)
    .map((key) => (typeof key === "string" && Object.hasOwn(responseNames, key) ? (responseNames[key] ?? key) : key));
}
