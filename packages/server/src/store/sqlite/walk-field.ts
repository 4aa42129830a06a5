import { type After, compareValues } from '@rollcall/domain/filter';
import type { Best } from '../best.ts';
import { type Entry, entryOf, KIND } from '../entry.ts';
import type { Range } from '../plan.ts';
import { type Parameter, type Sql, sql } from './sql.ts';
import { bySeq, type Ground, readUsers, type Stretch, type Walk } from './walk.ts';
import { exactly, type FieldRow, tieById } from './walk-ties.ts';

/** The kinds of values in the order of sorting; what is null or missing comes last, and ties. */
const UPWARDS = [KIND.number, KIND.text, KIND.boolean, KIND.rest, KIND.null, KIND.missing];
const DOWNWARDS = [KIND.rest, KIND.boolean, KIND.text, KIND.number, KIND.null, KIND.missing];

/** After every value: to SQLite a blob is more than any number or text. */
const ABOVE = new Uint8Array(0);
const BELOW = Number.NEGATIVE_INFINITY;
const LAST_USER = Number.MAX_SAFE_INTEGER;

/** So many rows are read at once at least: that is cheap, and mostly shows to its end who ties with whom. */
const ROWS = 512;

/** The order of a walk along a declared field. */
export interface FieldOrder {
  readonly field: number;
  readonly direction: 1 | -1;
  readonly after: After | undefined;
  /** Where everybody who is meant must lie, if that is known. */
  readonly range: Range | undefined;
}

/** Walks all users in the order of a declared field: texts by their beginnings, so that ties are to be looked at to their end. */
export function fieldWalk(ground: Ground, order: FieldOrder): Walk {
  return new FieldWalk(ground, order);
}

/** A place among the rows: its value, and its user. */
type Place = readonly [string | number | Uint8Array, number];

class FieldWalk implements Walk {
  readonly everybody = false;
  readonly #ground: Ground;
  readonly #direction: 1 | -1;
  /** Where the page begins. */
  readonly #first: Entry | undefined;
  readonly #kinds: readonly number[];
  readonly #text: string;
  readonly #field: number;
  readonly #end: Parameter;
  /** Before and after all rows of a kind. */
  readonly #before: number;
  readonly #edge: Place;
  #at: number;
  #place: Place;
  /** Users in the exact order asked for, who come next. */
  #inOrder: number[] = [];
  #factor = 1;

  constructor(ground: Ground, { field, direction, after, range }: FieldOrder) {
    const [beyond, within, order] = direction === 1 ? ['>', '<=', 'ASC'] : ['<', '>=', 'DESC'];
    const first = after?.[0] === undefined ? undefined : placeOf(after[0]);
    const only =
      range && range.kinds[0] === range.kinds[1] && (!first || first.kind === range.kinds[0]) ? range : undefined;
    const ends = [only?.low ?? BELOW, only?.high ?? ABOVE] as const;
    const [begin, end] = direction === 1 ? ends : ends.toReversed();
    this.#ground = ground;
    this.#field = field;
    this.#direction = direction;
    this.#first = first;
    this.#kinds = only ? [only.kinds[0]] : direction === 1 ? UPWARDS : DOWNWARDS;
    this.#end = end ?? ABOVE;
    this.#before = direction === 1 ? -1 : LAST_USER;
    this.#edge = direction === 1 ? [BELOW, 0] : [ABOVE, LAST_USER];
    this.#at = first ? this.#kinds.indexOf(first.kind) : 0;
    // Everybody who ties with the first place is looked at again: ties fall by other fields than by seq.
    this.#place = [first && isCompared(first.kind) ? first.value : (begin ?? BELOW), this.#before];
    this.#text = `SELECT value, user FROM field_value WHERE field = ? AND kind = ? AND (value, user) ${beyond} (?, ?)
      AND value ${within} ? ORDER BY value ${order}, user ${order} LIMIT ? + 0`;
  }

  next(size: number, best: Best): Stretch {
    if (this.#inOrder.length > 0) return this.#nextInOrder(best);
    const kind = this.#kinds[this.#at] ?? KIND.missing;
    const limit = Math.max(size, ROWS);
    const found = this.#ground.statements.all(sql(this.#text, this.#field, kind, ...this.#place, this.#end, limit));
    const rows = found as unknown as FieldRow[]; // no blob is ever stored
    const needed = rows.slice(0, neededOf(rows, best));
    const more = rows.length === limit;
    if (this.#isExact(kind, needed) && (needed.length < rows.length || !more)) {
      this.#inOrder = exactly(this.#ground, needed, this.#first?.kind === kind ? this.#first : undefined);
      this.#goOn(needed.length < rows.length ? needed.at(-1) : undefined);
      return this.#nextInOrder(best);
    }
    return this.#nextTied(kind, rows, needed.slice(0, size), more, best);
  }

  /** Users of some rows, who may tie with others. */
  #nextTied(kind: number, rows: FieldRow[], looked: FieldRow[], more: boolean, best: Best): Stretch {
    const seqs = bySeq(looked.map(([, seq]) => seq));
    const users = looked.length === 0 ? [] : readUsers(this.#ground, seqs, best, this.#tied(best.last, rows[0]?.[0]));
    // Whoever is still to come has this value, or comes after it.
    const next = rows[looked.length] ?? (more ? looked.at(-1) : undefined);
    this.#goOn(next && looked.at(-1));
    const rank = next ? this.#at : this.#at - 0.5;
    const reached = next && { kind, value: next[0] };
    const isPast = (other: After) => this.#isPast(placeOf(other[0] ?? null), reached, rank);
    return { users, ended: this.#ended, isPast };
  }

  /** The first of those in order who are enough, if all of them are meant. */
  #nextInOrder(best: Best): Stretch {
    const seqs = this.#inOrder.splice(0, Math.max(1, best.missing) * this.#factor);
    this.#factor *= 2;
    const users = seqs.length === 0 ? [] : readUsers(this.#ground, bySeq(seqs), best);
    return { users, ended: this.#ended && this.#inOrder.length === 0, isPast: () => true };
  }

  get #ended(): boolean {
    return this.#at >= this.#kinds.length;
  }

  /** Goes on behind a row, or with the next kind. */
  #goOn(row: FieldRow | undefined): void {
    this.#place = row ?? this.#edge;
    if (!row) this.#at += 1;
  }

  /** Says whether some rows, from where they begin, can be put in the exact order. */
  #isExact(kind: number, rows: readonly FieldRow[]): boolean {
    const [value, user] = this.#place;
    const begins = user === this.#before || rows[0]?.[0] !== value;
    return begins && rows.every((row) => tieById(this.#ground, kind, row[0]));
  }

  /**
   * Of those who tie with the last place that counts, only the ids before its own are of use. Texts that begin alike may differ,
   * and are read.
   */
  #tied(last: After | undefined, value: unknown): Sql {
    const id = last?.[1];
    const [, second] = this.#ground.query.sort;
    if (second?.field !== 'id' || typeof id !== 'string') return sql('');
    const held = last?.[0];
    const same = typeof held === 'boolean' ? Number(held) === value : typeof held === 'number' && held === value;
    return same ? sql(`AND u.id ${second.direction === 1 ? '<=' : '>='} ?`, id) : sql('');
  }

  #isPast(other: Entry, reached: Entry | undefined, rank: number): boolean {
    const mine = this.#kinds.indexOf(other.kind);
    // Null and missing are one to the order: nothing is past either before the end.
    if (mine !== rank || reached === undefined || !isCompared(other.kind)) return mine < rank && mine < 4;
    return compareValues(other.value, reached.value) * this.#direction < 0;
  }
}

/**
 * How many of some rows are needed: once there are as many users as wanted, only those who tie with the last that counts; and
 * before, no more than it takes, and those who tie with these. It is one at least, so that the walk goes on.
 */
function neededOf(rows: readonly FieldRow[], best: Best): number {
  const held = best.last?.[0];
  let at = Math.max(1, best.missing);
  const value = held === undefined ? rows[at - 1]?.[0] : placeOf(held).value;
  while (at < rows.length && rows[at]?.[0] === value) at += 1;
  return Math.min(at, rows.length);
}

/** Lists and objects tie with one another, and so do null and what is missing. */
const isCompared = (kind: number): boolean => kind <= KIND.boolean;

function placeOf(value: After[number]): Entry {
  return typeof value === 'object' && value !== null ? { kind: KIND.rest, value: 0 } : entryOf(value);
}
