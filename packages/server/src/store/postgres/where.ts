import type { AppId } from '@rollcall/domain/app';
import type { Field, Filter, Scalar, TextField, TimeField } from '@rollcall/domain/filter';
import { int8Array, textArray } from './arrays.ts';
import { allOf, anyOf, FALSE, filled, not, type Piece, piece, TRUE } from './query-sql.ts';
import { customWhere, isCustomRange, type OnCustom, type OnCustomRange, rangesWhere } from './where-custom.ts';
import { wordsQuery } from './words.ts';

/** Past this many conditions SQL does not look: who passes is looked at by `matches` anyway. */
const CONDITIONS = 24;

type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'nor' | '$ne' | '$nin' }>;
type OnField = Exclude<Leaf, { readonly op: '$autocomplete' }>;

interface Compiling {
  readonly app: AppId;
  conditions: number;
}

/** When `app_user u` was last there. */
export const LAST_ACTIVE = '(SELECT a.last_active FROM user_activity a WHERE a.seq = u.seq)';

/**
 * Says in SQL, over `app_user u`, what a user must at least be to be meant by a filter. It lets through everybody whom
 * `matches` means, and as few others as it can: `matches` looks at all who pass.
 */
export function whereOf(app: AppId, filter: Filter): Piece {
  return compile(filter, true, { app, conditions: 0 });
}

/**
 * With `over`, a condition that is true of everybody meant; without, one that is true of nobody else, so that its opposite
 * loses nobody. None is ever NULL.
 */
function compile(filter: Filter, over: boolean, compiling: Compiling): Piece {
  switch (filter.op) {
    case 'and': {
      const { ranges, others } = rangesApart(filter.filters);
      return allOf([...ranges.map(rangesWhere), ...others.map((inner) => compile(inner, over, compiling))]);
    }
    case 'or':
      return anyOf(filter.filters.map((inner) => compile(inner, over, compiling)));
    case 'nor':
      return not(anyOf(filter.filters.map((inner) => compile(inner, !over, compiling))));
    case '$ne':
      return not(compile({ ...filter, op: '$eq' }, !over, compiling));
    case '$nin':
      return not(compile({ ...filter, op: '$in' }, !over, compiling));
    default:
      compiling.conditions += 1;
      return (compiling.conditions <= CONDITIONS ? leaf(filter, over, compiling.app) : undefined) ?? unsaid(over);
  }
}

/** Ranges of one custom field are looked at together, when there are several: to read it is what costs. */
function rangesApart(filters: readonly Filter[]) {
  const byPath = new Map<string, OnCustomRange[]>();
  for (const filter of filters) {
    if (!isCustomRange(filter)) continue;
    const path = JSON.stringify(filter.field.path);
    byPath.set(path, [...(byPath.get(path) ?? []), filter]);
  }
  const ranges = [...byPath.values()].filter(({ length }) => length > 1 && length <= CONDITIONS);
  const apart = new Set<Filter>(ranges.flat());
  return { ranges, others: filters.filter((filter) => !apart.has(filter)) };
}

/** What stands for a condition that SQL does not look at. */
const unsaid = (over: boolean): Piece => (over ? TRUE : FALSE);

/** A condition that says exactly what is meant, or, with `over`, something weaker; undefined when there is none. */
function leaf(filter: Leaf, over: boolean, app: AppId): Piece | undefined {
  if (filter.op === '$autocomplete') {
    const needles = filter.words.map((word) => ({ field: filter.field, word }));
    return needles.length === 0 ? FALSE : piece('u.words @@ ?::tsquery', wordsQuery(app, needles));
  }
  const { field } = filter;
  // Its operators are these: the others were turned round above.
  if (typeof field === 'object') return customWhere({ ...filter, field } as OnCustom, over);
  switch (field) {
    case 'banned':
    case 'shadow_banned':
      return flagWhere(filter, 'false');
    case 'invisible':
      return flagWhere(filter, 'u.invisible');
    case 'teams':
      return teamsWhere(filter, over);
    default:
      return columnWhere(filter, field);
  }
}

function flagWhere(filter: OnField, column: string): Piece | undefined {
  if (filter.op === '$eq') {
    if (typeof filter.value !== 'boolean') return FALSE;
    return filter.value ? piece(column) : not(piece(column));
  }
  if (filter.op === '$exists') return filter.value ? TRUE : FALSE;
  return filter.op === '$in' ? undefined : FALSE;
}

const COMPARISON = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;
const TIMES: ReadonlySet<Field> = new Set<TimeField>(['created_at', 'updated_at', 'last_active', 'deactivated_at']);

function columnWhere(filter: OnField, field: TextField | TimeField): Piece | undefined {
  const column = field === 'last_active' ? LAST_ACTIVE : `u.${field}`;
  const isTime = TIMES.has(field);
  const type = isTime ? 'bigint' : 'text';
  const fits = (value: Scalar): value is string | number =>
    isTime ? typeof value === 'number' && Number.isSafeInteger(value) : typeof value === 'string';
  switch (filter.op) {
    case '$eq':
      return fits(filter.value) ? piece(`coalesce(${column} = ?::${type}, false)`, filter.value) : FALSE;
    case '$in': {
      const values = filter.values.filter(fits);
      if (values.length === 0) return FALSE;
      return piece(`coalesce(${column} = ANY(?::${type}[]), false)`, isTime ? numbersOf(values) : textsOf(values));
    }
    case '$exists':
      return piece(`${column} IS ${filter.value ? 'NOT ' : ''}NULL`);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      // A time that is no whole number is compared by `matches`.
      if (isTime && typeof filter.value === 'number' && !fits(filter.value)) return undefined;
      if (!fits(filter.value)) return FALSE;
      return piece(`coalesce(${column} ${COMPARISON[filter.op]} ?::${type}, false)`, filter.value);
    default:
      return FALSE;
  }
}

const textsOf = (values: readonly Scalar[]): Buffer => textArray(values.filter((value) => typeof value === 'string'));
const numbersOf = (values: readonly Scalar[]): Buffer => int8Array(values.filter((value) => typeof value === 'number'));

/** So many teams are looked for as they are written before the list is read. */
const MENTIONED = 8;

function teamsWhere(filter: OnField, over: boolean): Piece | undefined {
  switch (filter.op) {
    case '$contains':
      return inTeams([filter.value]);
    case '$in':
      return inTeams(filter.values);
    case '$exists':
      return filter.value ? TRUE : FALSE;
    case 'same_set': {
      const [first] = filter.values;
      if (first === undefined) return piece('u.teams IS NULL');
      return over ? inTeams([first]) : undefined;
    }
    default:
      return FALSE;
  }
}

function inTeams(values: readonly Scalar[]): Piece {
  const teams = values.filter((value) => typeof value === 'string');
  if (teams.length === 0) return FALSE;
  const mentions = teams.map((team) => piece('strpos(u.teams, ?::text) > 0', JSON.stringify(team)));
  const mentioned = teams.length <= MENTIONED ? anyOf(mentions) : piece('u.teams IS NOT NULL');
  const held = 'EXISTS (SELECT 1 FROM json_array_elements_text(u.teams::json) t (team) WHERE t.team = ANY(?::text[]))';
  return filled('coalesce((%) AND %, false)', mentioned, piece(held, textArray(teams)));
}
