import type { CustomField, Filter, Query } from '@rollcall/domain/filter';
import { conjunctsOf, pathName } from './plan.ts';

const HELP: Readonly<Record<string, number>> = {
  $eq: 0,
  $in: 1,
  $contains: 2,
  same_set: 3,
  $gt: 4,
  $gte: 4,
  $lt: 4,
  $lte: 4,
  $exists: 5,
};
const NO_HELP = 9;

/** The custom field that would have helped most, had it been declared; undefined when none would have. */
export function fieldToDeclare({ filter, sort }: Query, declared: ReadonlySet<string>): string | undefined {
  const conjuncts = conjunctsOf(filter);
  const asked = conjuncts.flatMap((one) => ('field' in one ? customOf(one, declared) : []));
  const either = conjuncts.flatMap((one) => (one.op === 'or' ? fieldsIn(one, declared) : []));
  const [best] = [...asked].sort((a, b) => a.help - b.help);
  if (best) return best.name;
  const [any] = either;
  if (any !== undefined) return any;
  const first = sort[0]?.field;
  const name = typeof first === 'object' ? pathName(first) : undefined;
  return name !== undefined && !declared.has(name) ? name : undefined;
}

type OnField = Extract<Filter, { readonly field: unknown }>;

function customOf(filter: OnField, declared: ReadonlySet<string>): { name: string; help: number }[] {
  const help = HELP[filter.op] ?? NO_HELP;
  if (typeof filter.field !== 'object' || help === NO_HELP) return [];
  const name = pathName(filter.field satisfies CustomField);
  return declared.has(name) ? [] : [{ name, help }];
}

function fieldsIn(filter: Filter, declared: ReadonlySet<string>): readonly string[] {
  if ('filters' in filter) return filter.op === 'nor' ? [] : filter.filters.flatMap((one) => fieldsIn(one, declared));
  return customOf(filter, declared).map(({ name }) => name);
}
