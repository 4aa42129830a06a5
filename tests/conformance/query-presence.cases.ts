import type { Case, Group } from './case.ts';
import { refusedQuery } from './find.ts';
import { as, query, refused, upsert } from './steps.ts';

const NEEDED =
  /^QueryUsers failed with error: "Watch or Presence requires an active websocket connection, please make sure to include your websocket connection_id"$/;
const given = [upsert([{ id: 'ann~' }])];
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const watching = (more: object = {}) => query({ filter_conditions: { id: 'ann~' }, presence: true, ...more });

const presence: readonly Case[] = [
  {
    name: 'presence: true of a user without a connection is refused with the documented words',
    why: '8',
    given,
    ...watching(),
    actor: as('ann~'),
    expect: refused(4, NEEDED),
  },
  {
    name: 'an empty connection_id is none',
    why: '8',
    given,
    ...query(
      { filter_conditions: { id: 'ann~' }, presence: true },
      { query: { connection_id: '' }, actor: as('ann~') },
    ),
    expect: refused(4, NEEDED),
  },
  ...[UNKNOWN, 'x', "'; --"].flatMap((id): Case[] => [
    {
      name: `a connection_id that nobody has is refused: ${id}`,
      why: '8',
      given,
      ...query(
        { filter_conditions: { id: 'ann~' }, presence: true },
        { query: { connection_id: id }, actor: as('ann~') },
      ),
      expect: refused(4),
    },
    {
      name: `a connection_id that nobody has is refused in the payload too: ${id}`,
      why: '8',
      given,
      ...watching({ connection_id: id }),
      expect: refused(4),
    },
  ]),
  ...[5, {}, []].map((id) =>
    refusedQuery(`a connection_id of ${JSON.stringify(id)} is refused`, { presence: true, connection_id: id }),
  ),
  ...[false, null].map(
    (flag): Case => ({
      name: `presence: ${flag} needs no connection`,
      why: '8',
      given,
      ...query({ filter_conditions: { id: 'ann~' }, presence: flag }, { actor: as('ann~') }),
      expect: { status: 200, ids: ['ann~'] },
    }),
  ),
];

/** Section 8: asking to watch. */
export const queryPresenceGroups: readonly Group[] = [['query.presence', presence]];
