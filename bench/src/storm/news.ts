/** The custom field that changes, and what is added to the number of a change so that all are as long. */
const FIELD = 'storm';
const BASE = 1_000_000_000;
const DIGITS = 10;

/** What a change sets. */
export const setOf = (change: number): object => ({ [FIELD]: BASE + change });

const UPDATED = Buffer.from('{"type":"user.updated","created_at":"');
const HEALTH = Buffer.from('{"type":"health.check"');
const MARK = Buffer.from(`"${FIELD}":`);
/** Where in `2026-11-23T01:02:03.456Z` the time of the day begins. */
const TIME_AT = 11;
const ZERO = 0x30;
export const DAY_MS = 86_400_000;

/** Says whether a frame is a sign of life, which says nothing of anybody. */
export const isHealthCheck = (bytes: Buffer, start: number): boolean => beginsWith(bytes, start, HEALTH);

/** The number of the change that a frame tells of; undefined when it tells of something else. */
export function changeIn(bytes: Buffer, start: number, end: number): number | undefined {
  if (!beginsWith(bytes, start, UPDATED)) return undefined;
  const at = bytes.indexOf(MARK, start) + MARK.length;
  return at < MARK.length || at + DIGITS > end ? undefined : digits(bytes, at, DIGITS) - BASE;
}

/** The time of the day at which a changed user was stamped, in milliseconds. */
export function stampIn(bytes: Buffer, start: number): number {
  const at = start + UPDATED.length + TIME_AT;
  const minutes = digits(bytes, at, 2) * 60 + digits(bytes, at + 3, 2);
  return (minutes * 60 + digits(bytes, at + 6, 2)) * 1000 + digits(bytes, at + 9, 3);
}

const beginsWith = (bytes: Buffer, start: number, text: Buffer): boolean =>
  bytes.compare(text, 0, text.length, start, Math.min(bytes.length, start + text.length)) === 0;

function digits(bytes: Buffer, at: number, count: number): number {
  let number = 0;
  for (let place = at; place < at + count; place += 1) number = number * 10 + (bytes[place] ?? 0) - ZERO;
  return number;
}
