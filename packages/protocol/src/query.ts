import { refusal } from '@rollcall/domain/error';
import {
  ANYBODY,
  type Filter,
  parseFilter,
  parseSortField,
  type Refuse,
  type Sort,
  totalOrder,
} from '@rollcall/domain/filter';
import { isStorable, type JsonObject } from '@rollcall/domain/json';
import { LIMITS } from './limits.ts';
import type { QueryPayload } from './schema.ts';
import { parseTime } from './time.ts';

/** What a query asks for, before it is known who asks. */
export interface Search {
  readonly filter: Filter;
  readonly sort: readonly Sort[];
  readonly limit: number;
  readonly offset: number;
  readonly next: string | undefined;
  readonly includeDeactivated: boolean;
  /** Whether the users found are to be watched, */
  readonly presence: boolean;
  /** and by which connection, where the payload names one. */
  readonly connectionId: string | undefined;
}

const refuse: Refuse = (message) => {
  throw refusal('input_error', message);
};

const BOUNDS = [
  ['id_gt', '$gt', 1],
  ['id_gte', '$gte', 1],
  ['id_lt', '$lt', -1],
  ['id_lte', '$lte', -1],
] as const;

/** Reads a payload whose shape was checked. Refuses what section 8 of the wire does not know. */
export function parseSearch(payload: QueryPayload): Search {
  const bounds = BOUNDS.flatMap(([key, op, direction]) => {
    const value = payload[key];
    if (value == null) return [];
    if (!isStorable(value)) refuse(`"${key}" contains a lone surrogate or a NUL character`);
    return [{ condition: { op, field: 'id', value } as const, direction }];
  });
  const next = payload.next ?? undefined;
  if (next !== undefined && (bounds.length > 0 || payload.offset))
    refuse('"next" cannot be used with "offset" or "id_*"');
  // The schema saw an object; its values came out of a JSON parser.
  const conditions = (payload.filter_conditions ?? {}) as JsonObject;
  const asked = parseFilter(conditions, parseTime, refuse);
  const filters = bounds.map(({ condition }) => condition);
  const filter: Filter = filters.length === 0 ? asked : { op: 'and', filters: [asked, ...filters] };
  return {
    filter: filter.op === 'and' && filter.filters.length === 0 ? ANYBODY : filter,
    sort: totalOrder(parseSort(payload, bounds[0]?.direction)),
    limit: payload.limit ?? LIMITS.queryLimitDefault,
    offset: payload.offset ?? 0,
    next,
    includeDeactivated: payload.include_deactivated_users ?? false,
    presence: payload.presence ?? false,
    connectionId: payload.connection_id || undefined,
  };
}

function parseSort({ sort }: QueryPayload, boundDirection: 1 | -1 | undefined): readonly Sort[] {
  if (!sort || sort.length === 0)
    return boundDirection === undefined ? [] : [{ field: 'id', direction: boundDirection }];
  return sort.map(({ field, direction }) => ({ field: parseSortField(field, refuse), direction: direction ?? 1 }));
}
