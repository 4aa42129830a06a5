import type { Case, Group, Step } from './case.ts';
import { as, made, madeUsers, ok, patch, refused, upsert } from './steps.ts';

const ROLE = 'reviewer~';
const create = (body: unknown, more: Partial<Step> = {}): Step => ({ method: 'POST', path: '/roles', body, ...more });
const remove = (name = ROLE, more: Partial<Step> = {}): Step => ({ method: 'DELETE', path: `/roles/${name}`, ...more });
const list: Step = { method: 'GET', path: '/roles' };
const cleanUp = [remove()];

const roles: readonly Case[] = [
  {
    name: 'a role is made and can be given',
    why: '7',
    given: [create({ name: ROLE }, { expect: made() })],
    ...upsert([{ id: 'ann~', role: ROLE }]),
    expect: madeUsers({ id: 'ann~', role: ROLE }),
    after: [upsert([{ id: 'ann~', role: 'user' }]), ...cleanUp],
  },
  {
    name: 'a role is made and can be set',
    why: '7',
    given: [create({ name: ROLE }), upsert([{ id: 'ann~' }])],
    ...patch([{ id: 'ann~', set: { role: ROLE } }]),
    expect: ok({ users: { 'ann~': { role: ROLE } } }),
    after: [patch([{ id: 'ann~', set: { role: null } }]), ...cleanUp],
  },
  {
    name: 'a role that was deleted cannot be given',
    why: '7',
    given: [create({ name: ROLE }), remove()],
    ...upsert([{ id: 'ann~', role: ROLE }]),
    unchanged: ['ann~'],
    expect: { status: [400, 404], code: [4, 16] },
  },
  {
    name: 'a role cannot be deleted while a user has it',
    why: '7',
    given: [create({ name: ROLE }), upsert([{ id: 'ann~', role: ROLE }])],
    ...remove(),
    unchanged: ['ann~'],
    expect: { status: [400, 403], code: [4, 17], message: /^DeleteRole failed with error: "/ },
    after: [upsert([{ id: 'ann~', role: null }]), ...cleanUp],
  },
  {
    name: 'a role that does not exist cannot be deleted',
    why: '7',
    ...remove(),
    expect: refused(16, /^DeleteRole failed with error: "/),
  },
  {
    name: 'a built-in role cannot be deleted',
    why: '7',
    ...remove('moderator'),
    expect: { status: [400, 403, 404], code: [4, 16, 17] },
    after: [upsert([{ id: 'ann~', role: 'moderator' }])],
  },
  ...['', 'a b', 'a.b', 'ä', 'x'.repeat(65), 5, null, ['x']].map(
    (name): Case => ({
      name: `a role cannot be called ${JSON.stringify(name).slice(0, 20)}`,
      why: '7',
      ...create({ name }),
      expect: refused(4, /^CreateRole failed with error: "/),
    }),
  ),
  { name: 'a role needs a name', why: '7', ...create({}), expect: refused(4, /^CreateRole failed with error: "/) },
  {
    name: 'a user may not make a role',
    why: '7',
    ...create({ name: ROLE }, { actor: as('ann~') }),
    expect: refused(17),
  },
  { name: 'a user may not delete a role', why: '7', ...remove('user', { actor: as('ann~') }), expect: refused(17) },
  { name: 'a user may not list the roles', why: '7', ...list, actor: as('ann~'), expect: refused(17) },
  {
    name: "another app's role cannot be given",
    why: '1 api_key',
    needsOther: true,
    given: [create({ name: ROLE }, { app: 'other' })],
    ...upsert([{ id: 'ann~', role: ROLE }]),
    unchanged: ['ann~'],
    expect: { status: [400, 404], code: [4, 16] },
    after: [remove(ROLE, { app: 'other' })],
  },
];

/** Section 7: roles of an app's own. */
export const roleGroups: readonly Group[] = [['app.roles', roles]];
