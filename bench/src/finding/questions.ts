import { needles } from '../data/needles.ts';
import { scattered } from '../data/order.ts';
import { personAt } from '../data/people.ts';
import { TEAM_NAMES } from '../data/teams.ts';

/** A kind of query of row 11, and what is asked, each time with other values. */
export interface Question {
  readonly work: string;
  readonly payloads: readonly object[];
  /** Whether the first few payloads may find nobody. */
  readonly mayFindNobody?: boolean;
}

/** How often each kind is asked. */
export const TIMES = 1000;
/** The custom fields that the app declares. */
export const DECLARED = ['age', 'joined'];

const IDS = 100;
const FIRST_AGE = 16;
const AGES = 70;
const DECADE = 10;

/** Takes from the values in turn until there are enough. */
const repeated = <T>(values: readonly T[], payload: (value: T) => object): object[] =>
  Array.from({ length: TIMES }, (_, at) => values[at % values.length]).flatMap((value) =>
    value === undefined ? [] : [payload(value)],
  );

const where = (filter: object): object => ({ filter_conditions: filter });
const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

/** The kinds of query that need no cursor, on a database of so many users. */
export function questionsOf(users: number): readonly Question[] {
  return [
    ...byId(users),
    ...byWords(),
    ...TEAM_NAMES.map((team) => ({
      work: `\`teams\`, a ${team} one`,
      payloads: repeated([team], (name) => where({ teams: { $contains: name } })),
    })),
    ...byDeclaredField(),
  ];
}

function byId(users: number): readonly Question[] {
  const ids = scattered(users, 0, Math.min(users, TIMES)).map((index) => personAt(index).id);
  const lists = range(TIMES).map((at) => scattered(users, at * IDS, IDS).map((index) => personAt(index).id));
  return [
    { work: 'by id', payloads: repeated(ids, (id) => where({ id })) },
    { work: `\`$in\` of ${IDS} ids`, payloads: repeated(lists, (list) => where({ id: { $in: list } })) },
  ];
}

function byWords(): readonly Question[] {
  const { common, rare, twoOfOne, twoCommon } = needles();
  const named = (values: readonly string[]): object[] =>
    repeated(values, (needle) => where({ name: { $autocomplete: needle } }));
  return [
    { work: '`$autocomplete`, a common beginning', payloads: named(common) },
    { work: '`$autocomplete`, a rare word', payloads: named(rare), mayFindNobody: true },
    { work: '`$autocomplete`, two words of one name', payloads: named(twoOfOne), mayFindNobody: true },
    { work: '`$autocomplete`, two common beginnings', payloads: named(twoCommon), mayFindNobody: true },
  ];
}

function byDeclaredField(): readonly Question[] {
  const ages = range(AGES).map((at) => FIRST_AGE + at);
  const between = (from: number): object => ({ age: { $gte: from, $lt: from + DECADE } });
  const months = range(100).map((at) => new Date(Date.UTC(2015, at, 1)).toISOString().slice(0, 7));
  return [
    { work: 'declared field, `$eq`', payloads: repeated(ages, (age) => where({ age })) },
    { work: 'declared field, a range', payloads: repeated(ages.slice(0, -DECADE), (age) => where(between(age))) },
    {
      work: 'declared field, a range, sorted by it',
      payloads: repeated(months, (month) => ({
        ...where({ joined: { $gte: `${month}-01`, $lte: `${month}-31` } }),
        sort: [{ field: 'joined', direction: -1 }],
      })),
    },
  ];
}
