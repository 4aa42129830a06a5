import { test } from 'node:test';
import type { Condition, Filter, ListOperators, Rollcall, User, UserInput, UserPatch } from './index.ts';
import type { RollcallServer } from './server.ts';

interface Custom {
  favorite_color: string;
  age: number;
}

/** Never called: `npm run types` checks it. */
export async function typesHold(
  client: Rollcall<Custom>,
  untyped: Rollcall,
  server: RollcallServer<Custom>,
): Promise<void> {
  const me = await client.connectUser({ id: 'ada', favorite_color: 'green' }, async () => 'jwt');
  me.favorite_color satisfies string | undefined;
  me.unread_count satisfies number;
  me.role satisfies string;
  // @ts-expect-error: custom data may be missing
  me.favorite_color satisfies string;
  // @ts-expect-error: not declared
  me.favourite_colour;
  // @ts-expect-error: a color is a string
  await client.updateUser({ id: 'ada', favorite_color: 5 });
  // @ts-expect-error: no user without an id
  await client.updateUser({ favorite_color: 'red' });
  await client.updateUser(me);
  await client.updateUser({ ...me, favorite_color: null, name: undefined });
  await client.partialUpdateUser({
    id: 'ada',
    set: { age: 7, 'address.city': 'Turin' },
    unset: ['favorite_color', 'a.b'],
  });
  // @ts-expect-error: an age is a number
  await client.partialUpdateUser({ id: 'ada', set: { age: '7' } });
  // @ts-expect-error: not declared
  await client.partialUpdateUser({ id: 'ada', unset: ['favourite_colour'] });
  await server.partialUpdateUser({ id: 'ada', set: { revoke_tokens_issued_before: null, age: 7 } });
  const { users, next } = await client.queryUsers(
    {
      $or: [{ age: { $gt: 5 } }, { favorite_color: 'red' }, { created_at: { $lt: new Date() } }],
      teams: { $contains: 'red' },
    },
    { created_at: -1 },
    { limit: 10 },
  );
  users[0]?.age satisfies number | undefined;
  next satisfies string | undefined;
  // @ts-expect-error: an id is a string
  await client.queryUsers({ id: 5 });
  // @ts-expect-error: an age is a number
  await client.queryUsers({ age: { $in: ['5'] } });
  client.on('user.updated', ({ user, changed }) => {
    user.favorite_color satisfies string | undefined;
    changed satisfies readonly string[] | undefined;
  });
  client.on('*', (event) => {
    if (event.type === 'connection.changed') event.connection.status satisfies string;
  });
  // @ts-expect-error: no such event
  client.on('user.exploded', () => {});
  const anybody: User = await untyped.updateUser({ id: 'ada', anything: [1, 2], 'odd key': {} });
  anybody.anything satisfies unknown;
  anybody.id satisfies string;
  const filter: Filter = { anything: 5, 'a.b': { $exists: true }, $and: [{ id: 'x' }] };
  await untyped.queryUsers(filter);
  const input: UserInput = anybody;
  const patch: UserPatch = { id: 'ada', set: { anything: 1 }, unset: ['anything'] };
  await untyped.partialUpdateUser({ ...patch, id: input.id });
}

interface Listed {
  tags: string[];
  scores?: readonly number[] | null;
  /** One of something, or several. */
  place: 'here' | 'there' | readonly string[];
  level: 'low' | 'high';
  vip: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as an app may declare it
  whatever: any;
  unsure: unknown;
}

/** Never called: `npm run types` checks it. */
export async function filtersByListsHold(client: Rollcall<Listed>): Promise<void> {
  await client.queryUsers({ tags: { $contains: 'red' }, scores: { $contains: 5 } });
  await client.queryUsers({ tags: { $in: ['red', 'blue'] }, scores: { $in: [1, 2] } });
  await client.queryUsers({ tags: { $eq: ['red'] }, scores: { $exists: false } });
  await client.queryUsers({ tags: ['red', 'blue'], scores: null, teams: ['red'] });
  await client.queryUsers({ level: { $in: ['low', 'high'] }, vip: true });
  await client.queryUsers({ place: { $in: ['here'] }, $or: [{ place: { $contains: 'there' } }, { place: 'here' }] });
  await client.queryUsers({ whatever: { $contains: 5, $in: ['x'] }, unsure: { $contains: 5, $gt: 7 } });
  // @ts-expect-error: any of these tags, not of these lists
  await client.queryUsers({ tags: { $in: [['red']] } });
  // @ts-expect-error: a list contains one value
  await client.queryUsers({ tags: { $contains: ['red'] } });
  // @ts-expect-error: a tag is a string
  await client.queryUsers({ tags: { $contains: 5 } });
  // @ts-expect-error: a list is no one value
  await client.queryUsers({ tags: 'red' });
  // @ts-expect-error: lists have no order
  await client.queryUsers({ tags: { $gt: ['red'] } });
  // @ts-expect-error: no such level
  await client.queryUsers({ level: { $in: ['middle'] } });
  const teams: Condition<string[]> = { $in: ['red'] } satisfies ListOperators<string>;
  const untyped: Filter = { tags: { $contains: 'red' }, scores: { $in: [1] }, teams: { $in: ['red'] } };
  await client.queryUsers({ tags: teams, $and: [{ 'address.lines': { $contains: 'x' } }] });
  const loose: Filter<Listed> = { tags: { $eq: ['red'] }, unsure: [1, 2], whatever: 5 };
  await Promise.all([client.queryUsers(loose), untyped.tags]);
}

test('custom data is typed, flat beside the built-in fields', () => {});
