import { type After, comparePlaces, type Sort, type SortValue } from '@rollcall/domain/filter';
import type { Value } from './connection.ts';
import { allOf, anyOf, FALSE, filled, joined, type Piece, piece } from './query-sql.ts';
import { LAST_ACTIVE } from './where.ts';
import { nodeOf } from './where-custom.ts';

/** One expression that rows are sorted by. What is NULL comes last. */
interface Key {
  readonly expression: Piece;
  readonly type: 'text' | 'bigint' | 'float8' | 'integer';
  readonly direction: 1 | -1;
  readonly mayBeNull: boolean;
  /** Its value at a place. */
  readonly at: (place: After) => string | number | null;
}

/** An order of users as SQL, over `app_user u` and its `nodes`: the same that `comparePlaces` has. */
export class Order {
  readonly sort: readonly Sort[];
  readonly by: Piece;
  /** What stands behind `app_user u` wherever expressions of this order are used: it reads each custom field once a row. */
  readonly nodes: Piece;
  readonly #keys: readonly Key[];

  constructor(sort: readonly Sort[]) {
    this.sort = sort;
    this.nodes = joined(sort.flatMap(nodesOf), ' ');
    this.#keys = sort.flatMap(keysOf);
    const parts = this.#keys.map(({ expression, direction, mayBeNull }) =>
      filled(`% ${direction === 1 ? 'ASC' : 'DESC'}${mayBeNull ? ' NULLS LAST' : ''}`, expression),
    );
    this.by = joined(parts, ', ');
  }

  /** Whoever comes after a place. */
  after(place: After): Piece {
    return this.#lexically(place, ({ expression, type, direction, mayBeNull }, value) => {
      if (value === null) return FALSE;
      const beyond = filled(`% ${direction === 1 ? '>' : '<'} ?::${type}`, expression);
      if (!mayBeNull) return withValue(beyond, value);
      return filled('(% OR % IS NULL)', withValue(beyond, value), expression);
    });
  }

  /** Whoever comes before a place. */
  before(place: After): Piece {
    return this.#lexically(place, ({ expression, type, direction }, value) => {
      if (value === null) return filled('% IS NOT NULL', expression);
      return withValue(filled(`% ${direction === 1 ? '<' : '>'} ?::${type}`, expression), value);
    });
  }

  /** Whoever has nothing in the first field. */
  get firstIsMissing(): Piece {
    const [first] = this.#keys;
    return first ? filled('% IS NULL', first.expression) : FALSE;
  }

  compare(a: After, b: After): number {
    return comparePlaces(this.sort, a, b);
  }

  #lexically(place: After, decides: (key: Key, value: string | number | null) => Piece): Piece {
    const ways = this.#keys.map((key, at) => {
      const equal = this.#keys.slice(0, at).map((earlier) => equals(earlier, earlier.at(place)));
      return allOf([...equal, decides(key, key.at(place))]);
    });
    return filled('coalesce(%, false)', anyOf(ways));
  }
}

const withValue = ({ text, values }: Piece, value: Value): Piece => ({ text, values: [...values, value] });

function equals({ expression, type }: Key, value: string | number | null): Piece {
  if (value === null) return filled('% IS NULL', expression);
  return withValue(filled(`% = ?::${type}`, expression), value);
}

const nameOfNode = (at: number): string => `sorted${at}`;

function nodesOf({ field }: Sort, at: number): readonly Piece[] {
  if (typeof field === 'string') return [];
  return [filled(`CROSS JOIN LATERAL (SELECT % AS value OFFSET 0) ${nameOfNode(at)}`, nodeOf(field))];
}

function keysOf({ field, direction }: Sort, at: number): readonly Key[] {
  const valueAt = (place: After): SortValue => place[at] ?? null;
  if (typeof field === 'string') {
    const isText = field === 'id' || field === 'name' || field === 'role';
    const key: Key = {
      expression: piece(field === 'last_active' ? LAST_ACTIVE : `u.${field}`),
      type: isText ? 'text' : 'bigint',
      direction,
      mayBeNull: field === 'name' || field === 'last_active' || field === 'deactivated_at',
      at: (place) => scalarOf(valueAt(place)),
    };
    return [key];
  }
  const node = `${nameOfNode(at)}.value`;
  const key = (text: string, type: Key['type'], of: (value: SortValue) => string | number | null): Key => ({
    expression: piece(text.replaceAll('%', node)),
    type,
    direction,
    mayBeNull: true,
    at: (place) => of(valueAt(place)),
  });
  return [
    key(RANK, 'integer', rankOf),
    key(NUMBER, 'float8', (value) =>
      typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? value : null,
    ),
    key(TEXT, 'text', (value) => (typeof value === 'string' ? value : null)),
  ];
}

const RANK = `CASE json_typeof(%) WHEN 'number' THEN 0 WHEN 'string' THEN 1 WHEN 'boolean' THEN 2
  WHEN 'array' THEN 3 WHEN 'object' THEN 3 END`;
const NUMBER = `CASE json_typeof(%) WHEN 'number' THEN (% #>> '{}')::float8
  WHEN 'boolean' THEN ((% #>> '{}') = 'true')::integer END`;
const TEXT = `(CASE json_typeof(%) WHEN 'string' THEN % #>> '{}' END COLLATE "C")`;

function rankOf(value: SortValue): number | null {
  if (value === null) return null;
  return ['number', 'string', 'boolean', 'object'].indexOf(typeof value);
}

const scalarOf = (value: SortValue): string | number | null =>
  typeof value === 'string' || typeof value === 'number' ? value : null;
