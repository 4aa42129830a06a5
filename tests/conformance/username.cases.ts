import type { Case, Group, Step } from './case.ts';
import { as, madeUsers, okUsers, patch, refused, upsert } from './steps.ts';

const ANN = 'ann~';
const BOB = 'bob~';
const CID = 'cid~';
const app = { settings: { enforce_unique_usernames: 'app' } };
const team = { settings: { enforce_unique_usernames: 'team' } };

const taken = (name: string): RegExp =>
  new RegExp(`^\\w+ failed with error: ".*a user with the name .*${name}.* already exists`);

const ways: readonly Case[] = [
  {
    name: 'by default two users may share a name',
    why: '6',
    given: [upsert([{ id: ANN, name: 'Ann ~' }])],
    ...upsert([{ id: BOB, name: 'Ann ~' }]),
    expect: madeUsers({ id: BOB, name: 'Ann ~' }),
  },
  {
    name: 'a taken name is named in the refusal',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: 'Ann ~' }])],
    ...upsert([{ id: BOB, name: 'ann.~' }]),
    unchanged: [BOB],
    expect: refused(6, taken('ann\\.~'), ['users[bob~].name']),
  },
  {
    name: 'a partial update cannot take a taken name',
    why: '6',
    ...app,
    given: [
      upsert([
        { id: ANN, name: 'Ann ~' },
        { id: BOB, name: 'Bob ~' },
      ]),
    ],
    ...patch([{ id: BOB, set: { name: 'ANN~' } }]),
    unchanged: [ANN, BOB],
    expect: refused(6, taken('ANN~')),
  },
  {
    name: 'a user itself cannot take a taken name',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: 'Ann ~' }])],
    ...upsert([{ id: BOB, name: 'Ann ~' }], { actor: as(BOB) }),
    unchanged: [BOB],
    expect: refused(6),
  },
  {
    name: 'of two takers of one name in a batch the later is the fault',
    why: '6',
    ...app,
    ...upsert([
      { id: BOB, name: 'Ann ~' },
      { id: CID, name: 'Cid ~' },
      { id: ANN, name: 'ann ~' },
    ]),
    unchanged: [ANN, BOB, CID],
    expect: refused(6, taken('ann ~'), ['users[ann~].name']),
  },
  {
    name: 'two users swap their names in one upsert',
    why: '6',
    ...app,
    given: [
      upsert([
        { id: ANN, name: 'Ann ~' },
        { id: BOB, name: 'Bob ~' },
      ]),
    ],
    ...upsert([
      { id: ANN, name: 'Bob ~' },
      { id: BOB, name: 'Ann ~' },
    ]),
    expect: madeUsers({ id: ANN, name: 'Bob ~' }, { id: BOB, name: 'Ann ~' }),
  },
  {
    name: 'two users swap their names in one partial update',
    why: '6',
    ...app,
    given: [
      upsert([
        { id: ANN, name: 'Ann ~' },
        { id: BOB, name: 'Bob ~' },
      ]),
    ],
    ...patch([
      { id: ANN, set: { name: 'Bob ~' } },
      { id: BOB, set: { name: 'Ann ~' } },
    ]),
    expect: okUsers({ id: ANN, name: 'Bob ~' }, { id: BOB, name: 'Ann ~' }),
  },
  {
    name: 'a name that its user gives up in the same batch is free',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: 'Ann ~' }])],
    ...upsert([
      { id: BOB, name: 'Ann ~' },
      { id: ANN, name: 'Anna ~' },
    ]),
    expect: madeUsers({ id: BOB, name: 'Ann ~' }, { id: ANN, name: 'Anna ~' }),
  },
  {
    name: 'a name that its user gave up is free',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: 'Ann ~' }]), patch([{ id: ANN, unset: ['name'] }])],
    ...upsert([{ id: BOB, name: 'Ann ~' }]),
    expect: madeUsers({ id: BOB, name: 'Ann ~' }),
  },
  {
    name: 'a user may write its own name in another way',
    why: '6',
    ...app,
    given: [upsert([{ id: ANN, name: 'Ann Lee ~' }])],
    ...upsert([{ id: ANN, name: 'ann.lee ~' }]),
    expect: madeUsers({ id: ANN, name: 'ann.lee ~' }),
  },
  {
    name: 'bad input is told before a taken name',
    why: '1',
    ...app,
    given: [upsert([{ id: ANN, name: 'Ann ~' }])],
    ...upsert([
      { id: BOB, name: 'Ann ~' },
      { id: CID, pk: 1 },
    ]),
    unchanged: [BOB, CID],
    expect: refused(4, /pk/, ['users[cid~].pk']),
  },
];

const enforce: Step = { method: 'PATCH', path: '/app', body: { enforce_unique_usernames: 'app' } };
const twins = [
  upsert([
    { id: ANN, name: 'Ann ~', color: 'red' },
    { id: BOB, name: 'Ann ~' },
  ]),
  enforce,
];

const existing: readonly Case[] = [
  {
    name: 'duplicates from before stay usable when uniqueness is switched on',
    why: '6',
    settings: {},
    given: twins,
    ...upsert([
      { id: ANN, name: 'Ann ~', color: 'blue' },
      { id: BOB, name: 'ANN ~' },
    ]),
    expect: madeUsers({ id: ANN, color: 'blue' }, { id: BOB, name: 'ANN ~' }),
  },
  {
    name: 'a duplicate that gave up its name cannot take it again',
    why: '6',
    settings: {},
    given: [...twins, patch([{ id: BOB, unset: ['name'] }])],
    ...patch([{ id: BOB, set: { name: 'Ann ~' } }]),
    unchanged: [ANN, BOB],
    expect: refused(6),
  },
  {
    name: 'names taken while nobody checked are known when it is switched on',
    why: '6',
    settings: {},
    given: [upsert([{ id: ANN, name: 'Ann ~' }]), enforce],
    ...upsert([{ id: BOB, name: 'ann ~' }]),
    unchanged: [BOB],
    expect: refused(6),
  },
];

const teams: readonly Case[] = [
  {
    name: 'in team mode users who share a team cannot share a name',
    why: '6',
    ...team,
    given: [upsert([{ id: ANN, name: 'Ann ~', teams: ['red~', 'blue~'] }])],
    ...upsert([{ id: BOB, name: 'ann ~', teams: ['blue~', 'green~'] }]),
    unchanged: [BOB],
    expect: refused(6, taken('ann ~')),
  },
  {
    name: 'in team mode users of different teams may share a name',
    why: '6',
    ...team,
    given: [upsert([{ id: ANN, name: 'Ann ~', teams: ['red~'] }])],
    ...upsert([{ id: BOB, name: 'Ann ~', teams: ['blue~'] }]),
    expect: madeUsers({ id: BOB, name: 'Ann ~' }),
  },
  {
    name: 'in team mode users without teams never clash',
    why: '6',
    ...team,
    given: [upsert([{ id: ANN, name: 'Ann ~' }])],
    ...upsert([
      { id: BOB, name: 'Ann ~' },
      { id: CID, name: 'Ann ~', teams: ['red~'] },
    ]),
    expect: madeUsers({ id: BOB, name: 'Ann ~' }, { id: CID, name: 'Ann ~' }),
  },
  {
    name: 'in team mode a user cannot join a team where its name is taken',
    why: '6',
    ...team,
    given: [
      upsert([
        { id: ANN, name: 'Ann ~', teams: ['red~'] },
        { id: BOB, name: 'Ann ~', teams: ['blue~'] },
      ]),
    ],
    ...patch([{ id: BOB, set: { teams: ['blue~', 'red~'] } }]),
    unchanged: [BOB],
    expect: refused(6),
  },
  {
    name: 'in team mode a user may leave a team and keep its name',
    why: '6',
    ...team,
    given: [
      upsert([
        { id: ANN, name: 'Ann ~', teams: ['red~'] },
        { id: BOB, name: 'Ann ~', teams: ['blue~', 'green~'] },
      ]),
    ],
    ...patch([{ id: BOB, set: { teams: ['blue~'] } }]),
    expect: okUsers({ id: BOB, teams: ['blue~'] }),
  },
];

/** Section 6: one name, one user. */
export const usernameGroups: readonly Group[] = [
  ['names.modes', ways],
  ['names.existing', existing],
  ['names.teams', teams],
];
