import { refusal } from '@rollcall/domain/error';
import type { JsonValue } from '@rollcall/domain/json';

/**
 * A key that is a single backslash, as JSON writes it. A quote after a brace, a comma or white space begins a text in any JSON, and a
 * colon follows keys only.
 */
const MISREAD_KEY = /[{,\s]"\\(?:\\|u005c)"\s*:/i;

/**
 * Says whether a JSON text has a key that is a single backslash, which V8 14 must not read: once it did, it takes each later key that
 * is written as one escape (`"\n"`, `"\u540d"`) for it, where the same keys come before, whoever wrote them.
 */
export function hasMisreadKey(text: string): boolean {
  // Nearly no text has either of these; a search that begins with a backslash is quick.
  return (text.includes('\\\\"') || text.includes('\\u005')) && MISREAD_KEY.test(text);
}

/** Reads JSON that comes from outside. Refuses, by the name of `what`, a text that is none, and one with a key that must not be read. */
export function parseJson(text: string, what: string, at?: string): JsonValue {
  if (hasMisreadKey(text)) {
    throw refusal('input_error', `${what} has a key that is a single backslash, which is not supported`, at);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw refusal('input_error', `${what} is not valid JSON`, at);
  }
}
