import type { Field, Filter, Scalar, TextField, TimeField } from '@rollcall/domain/filter';
import { allOf, anyOf, FALSE, not, type Sql, sql, TRUE } from './sql.ts';
import { customWhere, LIST, type OnCustom } from './where-custom.ts';

/** Past this many conditions SQL does not look: who passes is looked at by `matches` anyway. */
const CONDITIONS = 24;

type Leaf = Exclude<Filter, { readonly op: 'and' | 'or' | 'nor' | '$ne' | '$nin' }>;
type OnField = Exclude<Leaf, { readonly op: '$autocomplete' }>;

interface Compiling {
  readonly app: number;
  conditions: number;
}

/**
 * Says in SQL, over `user u`, what a user must at least be to be meant by a filter. It lets through everybody whom `matches`
 * means, and as few others as it can: `matches` looks at all who pass.
 */
export function whereOf(app: number, filter: Filter): Sql {
  return compile(filter, true, { app, conditions: 0 });
}

/**
 * With `over`, a condition that is true of everybody meant; without, one that is true of nobody else, so that its opposite
 * loses nobody. None is ever NULL.
 */
function compile(filter: Filter, over: boolean, compiling: Compiling): Sql {
  switch (filter.op) {
    case 'and':
      return allOf(filter.filters.map((inner) => compile(inner, over, compiling)));
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
      return (compiling.conditions <= CONDITIONS ? leaf(filter, over, compiling) : undefined) ?? unsaid(over);
  }
}

/** What stands for a condition that SQL does not look at. */
const unsaid = (over: boolean): Sql => (over ? TRUE : FALSE);

/** A condition that says exactly what is meant, or, with `over`, something weaker; undefined when there is none. */
function leaf(filter: Leaf, over: boolean, { app }: Compiling): Sql | undefined {
  if (filter.op === '$autocomplete') return wordsWhere(filter, over);
  const { field } = filter;
  // Its operators are these: the others were turned round above.
  if (typeof field === 'object') return customWhere({ ...filter, field } as OnCustom, over);
  switch (field) {
    case 'banned':
    case 'shadow_banned':
      return flagWhere(filter, '0');
    case 'invisible':
      return flagWhere(filter, 'u.invisible');
    case 'teams':
      return teamsWhere(filter, app, over);
    default:
      return columnWhere(filter, field);
  }
}

function wordsWhere(
  { field, words }: Extract<Filter, { readonly op: '$autocomplete' }>,
  over: boolean,
): Sql | undefined {
  if (words.length === 0) return FALSE;
  if (!over || field === 'id') return undefined;
  return field === 'name' ? sql('u.name IS NOT NULL') : sql(`json_type(u.custom, '$.username') IS 'text'`);
}

function flagWhere(filter: OnField, column: string): Sql | undefined {
  if (filter.op === '$eq') {
    return typeof filter.value === 'boolean' ? sql(`${column} = ?`, Number(filter.value)) : FALSE;
  }
  if (filter.op === '$exists') return filter.value ? TRUE : FALSE;
  return filter.op === '$in' ? undefined : FALSE;
}

const COMPARISON = { $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;
const TIMES: ReadonlySet<Field> = new Set<TimeField>(['created_at', 'updated_at', 'last_active', 'deactivated_at']);

function columnWhere(filter: OnField, field: TextField | TimeField): Sql | undefined {
  const column = field === 'last_active' ? 'a.last_active' : `u.${field}`;
  const fits = (value: Scalar): value is string | number => typeof value === (TIMES.has(field) ? 'number' : 'string');
  switch (filter.op) {
    case '$eq':
      return fits(filter.value) ? sql(`${column} IS ?`, filter.value) : FALSE;
    case '$in': {
      if (filter.values.length > LIST) return undefined;
      const list = JSON.stringify(filter.values.filter(fits));
      return sql(`coalesce(${column} IN (SELECT value FROM json_each(?)), 0)`, list);
    }
    case '$exists':
      return filter.value ? sql(`${column} IS NOT NULL`) : sql(`${column} IS NULL`);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return fits(filter.value) ? sql(`coalesce(${column} ${COMPARISON[filter.op]} ?, 0)`, filter.value) : FALSE;
    default:
      return FALSE;
  }
}

/** Fewer teams than these are asked for one by one. */
const FEW_TEAMS = 4;

function teamsWhere(filter: OnField, app: number, over: boolean): Sql | undefined {
  switch (filter.op) {
    case '$contains':
      return inTeams(app, [filter.value]);
    case '$in':
      return inTeams(app, filter.values);
    case '$exists':
      return filter.value ? TRUE : FALSE;
    case 'same_set': {
      const [first] = filter.values;
      if (first === undefined) return sql('u.teams IS NULL');
      return over ? inTeams(app, [first]) : undefined;
    }
    default:
      return FALSE;
  }
}

function inTeams(app: number, values: readonly Scalar[]): Sql | undefined {
  const teams = values.filter((value) => typeof value === 'string');
  if (teams.length === 0) return FALSE;
  if (teams.length > LIST) return undefined;
  const list = JSON.stringify(teams);
  return teams.length < FEW_TEAMS
    ? sql(
        'EXISTS (SELECT 1 FROM user_team WHERE app = ? AND team IN (SELECT value FROM json_each(?)) AND user = u.seq)',
        app,
        list,
      )
    : sql('EXISTS (SELECT 1 FROM json_each(u.teams) t WHERE t.value IN (SELECT value FROM json_each(?)))', list);
}
