import {
  faultOfCustomKey,
  faultOfKey,
  faultOfValue,
  NESTING,
  READ_ONLY,
  RESERVED,
  shownKey,
  WRITABLE,
} from './custom.ts';
import { emptyObject, isObject, type JsonObject, type JsonValue } from './json.ts';

/** A place in custom data, outermost name first. */
export type Path = readonly string[];

const UNREACHABLE = /\s|^\$/u;
/** Twenty names of 255 characters, with a dot between them. */
const PATH_CHARACTERS = NESTING * 256;

/** Splits a dot path; undefined when it is longer than any path that can be. */
export function parsePath(text: string): Path | undefined {
  return text.length > PATH_CHARACTERS ? undefined : text.split('.');
}

/** Says what is wrong with a path into custom data, or nothing. */
export function faultOfPath(path: Path): string | undefined {
  const [field = ''] = path;
  if (path.length > NESTING) return `is more than ${NESTING} levels deep`;
  if (path.includes('')) return 'has an empty segment';
  if (field === 'id') return 'is the id of the user, which never changes';
  if (RESERVED.has(field)) return 'is a reserved field';
  if (READ_ONLY.has(field)) return 'is a read-only field';
  if (WRITABLE.has(field)) return path.length > 1 ? 'goes into a built-in field, which is set as a whole' : undefined;
  if (path.some((segment) => UNREACHABLE.test(segment))) return 'has a segment that no path can reach';
  return faultOfSegments(path);
}

function faultOfSegments(path: Path): string | undefined {
  const [field = '', ...inner] = path;
  const fault = faultOfCustomKey(field);
  if (fault !== undefined) return fault;
  for (const segment of inner) {
    const nested = faultOfKey(segment);
    if (nested !== undefined) return nested;
  }
  return undefined;
}

/** Says what keeps a value from being set at a path, or nothing. */
export function faultOfSet(path: Path, value: JsonValue): string | undefined {
  return faultOfValue(value, '', path.length - 1)?.message;
}

/** Says whether a path, or one that it lies inside of, is among others. */
function isCoveredBy(path: string, others: ReadonlySet<string>, orEqual: boolean): boolean {
  if (orEqual && others.has(path)) return true;
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    if (others.has(path.slice(0, dot))) return true;
  }
  return false;
}

/** Finds the paths that contradict another one: equal to it or inside it, between `set` and `unset` or within `set`. */
export function overlaps(set: readonly string[], unset: readonly string[]): { set: string[]; unset: string[] } {
  const sets = new Set(set);
  const unsets = new Set(unset);
  return {
    set: set.filter((path) => isCoveredBy(path, sets, false) || isCoveredBy(path, unsets, true)),
    unset: unset.filter((path) => isCoveredBy(path, sets, true)),
  };
}

/** A change to custom data: `value` is set at `path`, or what is there is unset when it is undefined. */
export interface CustomChange {
  readonly path: Path;
  readonly value: JsonValue | undefined;
}

/**
 * Applies changes in order to a copy of custom data; what they do not name is untouched. Tells `complain` of each change
 * whose path goes through something that is not an object.
 */
export function applyChanges(
  custom: JsonObject,
  changes: readonly CustomChange[],
  complain: (change: CustomChange, message: string) => void,
): JsonObject {
  const result = { ...custom };
  const copied = new Set<object>([result]);
  for (const change of changes) {
    const fault = applyChange(result, change, copied);
    if (fault !== undefined) complain(change, fault);
  }
  return result;
}

function applyChange(root: Record<string, JsonValue>, change: CustomChange, copied: Set<object>): string | undefined {
  const last = change.path.at(-1) ?? '';
  let object = root;
  for (const segment of change.path.slice(0, -1)) {
    const inner = Object.hasOwn(object, segment) ? object[segment] : undefined;
    if (inner === undefined && change.value === undefined) return undefined;
    if (inner !== undefined && !isObject(inner)) return `goes through "${shownKey(segment)}", which is not an object`;
    object = ownCopy(object, segment, inner, copied);
  }
  if (change.value === undefined) delete object[last];
  else object[last] = change.value;
  return undefined;
}

/** Makes an inner object one that may be changed: once for each, however many changes go through it. */
function ownCopy(
  parent: Record<string, JsonValue>,
  key: string,
  inner: JsonObject | undefined,
  copied: Set<object>,
): Record<string, JsonValue> {
  if (inner !== undefined && copied.has(inner)) return inner as Record<string, JsonValue>; // made below, so ours
  const copy = Object.assign(emptyObject(), inner);
  copied.add(copy);
  parent[key] = copy;
  return copy;
}
