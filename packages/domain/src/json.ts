/** Any JSON value, as a parser yields it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. Its keys are hostile: read them with `Object.hasOwn` or `Object.entries`, never by inheritance. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Says whether a value is a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON object without inherited names, so that no key means anything but itself. */
export function emptyObject(): Record<string, JsonValue> {
  return Object.create(null);
}

/** Says whether two JSON values are the same: the order of keys is nothing, the order of a list is something, `-0` is `0`. */
export function equalJson(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, at) => equalJson(item, b[at]));
  }
  return equalObjects(a as JsonObject, b as JsonObject); // neither is a list: seen above
}

function equalObjects(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    const mine = a[key];
    const other = b[key];
    if (mine === undefined || other === undefined || !Object.hasOwn(b, key) || !equalJson(mine, other)) return false;
  }
  return true;
}

/** The length of a well-formed text in bytes of UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // Each half of a surrogate pair brings two of the four bytes: one is counted already.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

/** Says whether a text can be stored: no lone surrogate, no NUL. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** The same value with the keys of its objects in one order, so that equal values have equal texts. */
export function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}
