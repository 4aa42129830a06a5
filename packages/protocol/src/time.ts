import type { Instant } from '@rollcall/domain/user';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** The years that four digits can write. */
const YEAR_0 = Date.parse('0000-01-01T00:00:00Z');
const YEAR_10000 = Date.parse('+010000-01-01T00:00:00Z');

/** Reads an RFC 3339 time with any offset and precision, cut to milliseconds; undefined when it is none, or no real day. */
export function parseTime(text: string): Instant | undefined {
  const parts = RFC_3339.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3)));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000;
  const instant = date.getTime() - (parts[8] === '-' ? -offset : offset);
  return instant < YEAR_0 || instant >= YEAR_10000 ? undefined : instant;
}

const DAY_MS = 86_400_000;
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const THREE_DIGITS = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));

let lastDay = 0;
let lastDate = '1970-01-01T';

/** Writes a time as RFC 3339, UTC, with milliseconds. The engine's own way takes a third of what writing a user costs. */
export function writeTime(instant: Instant): string {
  const day = Math.floor(instant / DAY_MS);
  if (day !== lastDay) {
    lastDate = new Date(instant).toISOString().slice(0, -'00:00:00.000Z'.length);
    lastDay = day;
  }
  const ms = instant - day * DAY_MS;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const time = `${TWO_DIGITS[hours]}:${TWO_DIGITS[minutes - hours * 60]}:${TWO_DIGITS[seconds - minutes * 60]}`;
  return `${lastDate}${time}.${THREE_DIGITS[ms - seconds * 1000]}Z`;
}
