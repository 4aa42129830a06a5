import { shownKey } from '@rollcall/domain/custom';
import { refusal } from '@rollcall/domain/error';
import {
  ANYBODY,
  type Filter,
  parseFilter,
  type Refuse,
  type Sort,
  type SortField,
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
}

const refuse: Refuse = (message) => {
  throw refusal('input_error', message);
};

const SORT_FIELDS = new Set<string>(['id', 'created_at', 'updated_at', 'name'] satisfies SortField[]);
const BOUNDS = [
  ['id_gt', '$gt', 1],
  ['id_gte', '$gte', 1],
  ['id_lt', '$lt', -1],
  ['id_lte', '$lte', -1],
] as const;

/** Reads a payload whose shape was checked. Refuses what section 8 of the wire does not know, or Rollcall not yet serves. */
export function parseSearch(payload: QueryPayload): Search {
  const bounds = BOUNDS.flatMap(([key, op, direction]) => {
    const value = payload[key];
    if (value === undefined) return [];
    if (!isStorable(value)) refuse(`"${key}" contains a lone surrogate or a NUL character`);
    return [{ condition: { op, field: 'id', value } as const, direction }];
  });
  if (payload.presence === true) refuse('presence: true is not served yet: watching users comes with a later version');
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
  };
}

function parseSort({ sort }: QueryPayload, boundDirection: 1 | -1 | undefined): readonly Sort[] {
  if (!sort || sort.length === 0)
    return boundDirection === undefined ? [] : [{ field: 'id', direction: boundDirection }];
  return sort.map(({ field, direction }) => {
    if (!SORT_FIELDS.has(field)) refuse(`sorting by field "${shownKey(field)}" is not served yet`);
    return { field: field as SortField, direction: direction ?? 1 }; // one of the set
  });
}
