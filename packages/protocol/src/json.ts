import { refusal } from '@rollcall/domain/error';
import type { JsonValue } from '@rollcall/domain/json';

const [QUOTE, BACKSLASH, COLON, U] = [0x22, 0x5c, 0x3a, 0x75];
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Says whether a JSON text has a key with a backslash in it. V8 14 must not read one: it compares the keys of later objects with those
 * it knows before it undoes their escapes, and takes `"\u540d\u524d"` for the known key `\u`, or `"a\n"` for `a\`, whoever wrote
 * either. Of what is no JSON it may say anything.
 */
export function hasBackslashKey(text: string): boolean {
  // Few texts have either of these.
  return (text.includes('\\\\') || text.includes('\\u005')) && findBackslashKey(text);
}

function findBackslashKey(text: string): boolean {
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    let found = false;
    for (at += 1; at < text.length && text.charCodeAt(at) !== QUOTE; at += 1) {
      if (text.charCodeAt(at) !== BACKSLASH) continue;
      at += 1;
      const escaped = text.charCodeAt(at);
      found ||= escaped === BACKSLASH || (escaped === U && text.slice(at + 1, at + 5).toLowerCase() === '005c');
    }
    if (found && isBeforeColon(text, at + 1)) return true;
  }
  return false;
}

function isBeforeColon(text: string, from: number): boolean {
  let at = from;
  while (WHITE_SPACE.has(text.charCodeAt(at))) at += 1;
  return text.charCodeAt(at) === COLON;
}

/** Reads JSON that comes from outside. Refuses, by the name of `what`, a text that is none, and one with a key that must not be read. */
export function parseJson(text: string, what: string, at?: string): JsonValue {
  if (hasBackslashKey(text))
    throw refusal('input_error', `${what} has a key with a backslash, which is not supported`, at);
  try {
    return JSON.parse(text);
  } catch {
    throw refusal('input_error', `${what} is not valid JSON`, at);
  }
}
