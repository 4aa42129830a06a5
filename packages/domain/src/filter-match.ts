import { type ReadField, readerOf, type Subject, subjectOf } from './field-value.ts';
import type { Filter, GroupFilter, RangeFilter, Scalar, WordsFilter } from './filter.ts';
import type { JsonValue } from './json.ts';
import { compareValues } from './scalar.ts';
import type { User } from './user.ts';
import { words } from './words.ts';

type Test = (subject: Subject) => boolean;

/** Filters as tests, so that one filter over many users is prepared once. */
const tests = new WeakMap<Filter, Test>();

/** Says whether a user is one of those a filter means. */
export function matches(filter: Filter, user: User): boolean {
  let test = tests.get(filter);
  if (test === undefined) {
    test = testOf(filter);
    tests.set(filter, test);
  }
  return test(subjectOf(user));
}

function testOf(filter: Filter): Test {
  switch (filter.op) {
    case 'and':
    case 'or':
    case 'nor':
      return groupTest(filter.op, filter.filters.map(testOf));
    case '$autocomplete':
      return wordsTest(filter);
    default:
      return fieldTest(filter, readerOf(filter.field));
  }
}

function groupTest(op: GroupFilter['op'], inner: readonly Test[]): Test {
  const [only] = inner;
  if (only && inner.length === 1 && op !== 'nor') return only;
  if (op === 'and') return (subject) => inner.every((test) => test(subject));
  const isAny: Test = (subject) => inner.some((test) => test(subject));
  return op === 'or' ? isAny : (subject) => !isAny(subject);
}

function fieldTest(filter: Exclude<Filter, GroupFilter | WordsFilter>, read: ReadField): Test {
  switch (filter.op) {
    case '$eq':
      return (subject) => read(subject) === filter.value;
    case '$ne':
      return (subject) => read(subject) !== filter.value;
    case '$exists':
      return (subject) => (read(subject) !== undefined) === filter.value;
    case '$in':
      return anyTest(read, filter.values);
    case '$nin': {
      const isAny = anyTest(read, filter.values);
      return (subject) => !isAny(subject);
    }
    case '$contains':
      return (subject) => {
        const mine = read(subject);
        return Array.isArray(mine) && mine.includes(filter.value);
      };
    case 'same_set':
      return sameSetTest(read, filter.values);
    default:
      return rangeTest(filter, read);
  }
}

function anyTest(read: ReadField, values: readonly Scalar[]): Test {
  const among: ReadonlySet<JsonValue | undefined> = new Set(values);
  return (subject) => {
    const mine = read(subject);
    return Array.isArray(mine) ? mine.some((item) => among.has(item)) : among.has(mine);
  };
}

function sameSetTest(read: ReadField, values: readonly Scalar[]): Test {
  const wanted: ReadonlySet<JsonValue> = new Set(values);
  return (subject) => {
    const mine = read(subject);
    if (!Array.isArray(mine) || mine.length < wanted.size) return false;
    return mine.every((item) => wanted.has(item)) && new Set(mine).size === wanted.size;
  };
}

function rangeTest({ op, value }: RangeFilter, read: ReadField): Test {
  const isWithin = RANGES[op];
  return (subject) => {
    const mine = read(subject);
    if (typeof mine === 'string') return typeof value === 'string' && isWithin(compareValues(mine, value));
    return typeof mine === 'number' && typeof value === 'number' && isWithin(compareValues(mine, value));
  };
}

const RANGES: Readonly<Record<RangeFilter['op'], (order: number) => boolean>> = {
  $gt: (order) => order > 0,
  $gte: (order) => order >= 0,
  $lt: (order) => order < 0,
  $lte: (order) => order <= 0,
};

function wordsTest({ field, words: needle }: WordsFilter): Test {
  const read = readerOf(field === 'username' ? { path: ['username'] } : field);
  return (subject) => {
    const text = needle.length === 0 ? undefined : read(subject);
    if (typeof text !== 'string') return false;
    const mine = words(text);
    return needle.every((start) => mine.some((word) => word.startsWith(start)));
  };
}
