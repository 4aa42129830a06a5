import { CUSTOM_BYTES } from '@rollcall/domain/custom';
import type { After, Filter, Query, Sort, SortField } from '@rollcall/domain/filter';
import { type NameKey, nameKey } from '@rollcall/domain/username';

/** A piece of SQL with its parameters. Values never become part of the text. */
export interface Sql {
  readonly text: string;
  readonly parameters: readonly (string | number)[];
}

const sql = (text: string, ...parameters: (string | number)[]): Sql => ({ text, parameters });

function join(parts: readonly Sql[], separator: string, empty: string): Sql {
  if (parts.length === 0) return sql(empty);
  return {
    text: parts.map(({ text }) => `(${text})`).join(separator),
    parameters: parts.flatMap(({ parameters }) => parameters),
  };
}

const COMPARISON = { $eq: '=', $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;

/** How the members of teams are found: listed first, or asked of each user that is come by. */
export type TeamSearch = 'list' | 'probe';

/** Says in SQL what `matches` says of a user, over the table `user u`. */
export function whereOf(app: number, filter: Filter, teams: TeamSearch): Sql {
  switch (filter.op) {
    case 'and':
      return join(
        filter.filters.map((inner) => whereOf(app, inner, teams)),
        ' AND ',
        '1',
      );
    case 'or':
      return join(
        filter.filters.map((inner) => whereOf(app, inner, teams)),
        ' OR ',
        '0',
      );
    case 'teams':
      return inTeams(app, filter.teams, teams);
    case 'no_teams':
      return sql('u.teams IS NULL');
    case '$in':
      return inList(filter.field, filter.values);
    default:
      if (filter.op === '$eq' && filter.field !== 'created_at') return inList(filter.field, [String(filter.value)]);
      return sql(`u.${filter.field} ${COMPARISON[filter.op]} ?`, filter.value);
  }
}

function inTeams(app: number, teams: readonly string[], search: TeamSearch): Sql {
  const members = 'FROM user_team WHERE app = ? AND team IN (SELECT value FROM json_each(?))';
  const list = JSON.stringify(teams);
  return search === 'list'
    ? sql(`u.seq IN (SELECT user ${members})`, app, list)
    : sql(`EXISTS (SELECT 1 ${members} AND user = u.seq)`, app, list);
}

/** A column among values. What an index knows is said beside it: the key of a name, and that a role is no common one. */
function inList(field: 'id' | 'name' | 'role', values: readonly string[]): Sql {
  const column = `u.${field}`;
  const [only] = values;
  const list = values.length === 1 && only !== undefined ? sql(`${column} = ?`, only) : among(column, values);
  if (field === 'name') return join([list, keyAmong(values.filter(fits).map(nameKey))], ' AND ', '1');
  if (field === 'role' && !values.includes('user')) return join([list, sql("u.role <> 'user'")], ' AND ', '1');
  return list;
}

/** What is longer is nobody's name, and not worth folding. */
const fits = (name: string): boolean => name.length <= CUSTOM_BYTES;

function keyAmong(keys: readonly NameKey[]): Sql {
  const [only] = keys;
  const list = keys.length === 1 && only !== undefined ? sql('u.name_key = ?', only) : among('u.name_key', keys);
  return keys.includes(nameKey('')) ? list : join([list, sql("u.name_key <> ''")], ' AND ', '1');
}

const among = (column: string, values: readonly string[]): Sql =>
  sql(`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(values));

/** By what few users are found first and sorted after: by naming them, or by their teams. */
type Finder = { readonly by: 'name' } | { readonly by: 'teams'; readonly teams: readonly string[] };

function finderOf(filter: Filter): Finder | undefined {
  if (filter.op === 'teams') return { by: 'teams', teams: filter.teams };
  if (filter.op === 'and') {
    const finders = filter.filters.map(finderOf);
    return finders.find((finder) => finder?.by === 'name') ?? finders.find((finder) => finder !== undefined);
  }
  if ((filter.op !== '$eq' && filter.op !== '$in') || filter.field === 'created_at') return undefined;
  const values = filter.op === '$in' ? filter.values : [String(filter.value)];
  return isRare(filter.field, values) ? { by: 'name' } : undefined;
}

/** Says whether an index finds few by these values: not the role that nearly everybody has, nor names without a key. */
function isRare(field: 'id' | 'name' | 'role', values: readonly string[]): boolean {
  if (field === 'role') return !values.includes('user');
  return field === 'id' || values.every((value) => !fits(value) || nameKey(value) !== '');
}

/** The teams whose members a query lists first; undefined when it does not. */
export function teamsListedBy({ filter }: Query): readonly string[] | undefined {
  const finder = finderOf(filter);
  return finder?.by === 'teams' ? finder.teams : undefined;
}

/** Columns in which every user has a value. */
const ALWAYS_THERE = new Set<SortField>(['id', 'created_at', 'updated_at', 'role']);

function orderOf(sort: readonly Sort[], selective: boolean): string {
  return sort
    .map(({ field, direction }) => {
      // A plus keeps the planner from walking the order when the filter already finds the few.
      const column = `${selective ? '+' : ''}u.${field}`;
      const by = `${column} ${direction === 1 ? 'ASC' : 'DESC'}`;
      return ALWAYS_THERE.has(field) ? by : `${column} IS NULL, ${by}`;
    })
    .join(', ');
}

/** The users that come after a place in an order: for each field, those equal before it and beyond it in it. */
function afterOf(sort: readonly Sort[], after: After): Sql {
  const [first] = sort;
  if (first && sort.every(({ field, direction }) => direction === first.direction && ALWAYS_THERE.has(field))) {
    const columns = sort.map(({ field }) => `u.${field}`).join(', ');
    const marks = sort.map(() => '?').join(', ');
    return sql(`(${columns}) ${first.direction === 1 ? '>' : '<'} (${marks})`, ...after.map((value) => value ?? ''));
  }
  const steps = sort.map((step, at) => {
    const equal = sort.slice(0, at).map(({ field }, before) => equalTo(field, after[before] ?? null));
    return join([...equal, beyond(step, after[at] ?? null)], ' AND ', '1');
  });
  return join(steps, ' OR ', '0');
}

const equalTo = (field: SortField, value: string | number | null): Sql =>
  value === null ? sql(`u.${field} IS NULL`) : sql(`u.${field} = ?`, value);

function beyond({ field, direction }: Sort, value: string | number | null): Sql {
  if (value === null) return sql('0');
  const further = sql(`u.${field} ${direction === 1 ? '>' : '<'} ?`, value);
  return ALWAYS_THERE.has(field) ? further : join([further, sql(`u.${field} IS NULL`)], ' OR ', '0');
}

/**
 * Everything of a query but its columns: where, order, limit. With `probe` the members of teams are not listed: better when
 * they are many, or when the filter names its users anyway.
 */
export function tailOf(app: number, query: Query, search: TeamSearch): Sql {
  const finder = finderOf(query.filter);
  const listed = finder?.by === 'teams' && search === 'list';
  // The plus hides the app from the planner, which would walk all of it rather than the members of a team.
  const conditions = [sql(listed ? '+u.app = ?' : 'u.app = ?', app), sql('u.deleted_at IS NULL')];
  conditions.push(whereOf(app, query.filter, listed ? 'list' : 'probe'));
  if (!query.includeDeactivated) conditions.push(sql('u.deactivated_at IS NULL'));
  if (query.after) conditions.push(afterOf(query.sort, query.after));
  const where = join(conditions, ' AND ', '1');
  const order = orderOf(query.sort, listed || finder?.by === 'name');
  return {
    // SQLite plans by the value of a bare `LIMIT ?`, and so plans anew at every call: four times the cost of the query.
    text: `WHERE ${where.text} ORDER BY ${order} LIMIT ? + 0 OFFSET ?`,
    parameters: [...where.parameters, query.limit, query.offset],
  };
}
