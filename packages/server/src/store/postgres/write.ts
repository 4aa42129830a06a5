import type { AppId } from '@rollcall/domain/app';
import { equalTeams, equalTeamsRole, type User } from '@rollcall/domain/user';
import { heldKey, samePlain } from '../written.ts';
import { boolArray, int8Array, textArray } from './arrays.ts';
import { type Call, call, type Value } from './connection.ts';
import { type DeclaredField, PUT_ROWS, REMOVE_ROWS, type Rows, rowChanges } from './field-rows.ts';
import type { Row } from './rows.ts';
import { sameWords, wordTokens } from './words.ts';

const WORDS = `array_to_tsvector(string_to_array(n.words, ' '))`;

/** Adds users; its values are the app and `insertValues`. */
export const INSERT = {
  name: 'insert_users',
  text: `INSERT INTO app_user (app, id, created_at, role, name_key, teams, teams_role, deactivated_at, deleted_at,
      name, image, language, invisible, privacy_settings, revoke_tokens_issued_before, custom, updated_at, words)
    SELECT $1, n.id, n.created_at, n.role, n.name_key, n.teams, n.teams_role, n.deactivated_at, n.deleted_at,
      n.name, n.image, n.language, n.invisible, n.privacy, n.revoke, n.custom, n.updated_at, ${WORDS}
    FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
        $10::text[], $11::text[], $12::text[], $13::bool[], $14::text[], $15::bigint[], $16::text[], $17::bigint[], $18::text[])
      AS n (id, created_at, role, name_key, teams, teams_role, deactivated_at, deleted_at,
        name, image, language, invisible, privacy, revoke, custom, updated_at, words)`,
};

/** The commonest change by far. It touches no index. */
const UPDATE_CUSTOM = {
  name: 'update_custom',
  text: `UPDATE app_user u SET custom = n.custom, updated_at = n.updated_at
    FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS n (seq, custom, updated_at) WHERE u.seq = n.seq`,
};

/** What no index holds. */
const UPDATE_PLAIN = {
  name: 'update_plain',
  text: `UPDATE app_user u SET name = n.name, image = n.image, language = n.language, invisible = n.invisible,
      privacy_settings = n.privacy, revoke_tokens_issued_before = n.revoke, custom = n.custom, updated_at = n.updated_at
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::text[], $7::bigint[], $8::text[], $9::bigint[])
      AS n (seq, name, image, language, invisible, privacy, revoke, custom, updated_at) WHERE u.seq = n.seq`,
};

const UPDATE_ALL = {
  name: 'update_all',
  text: `UPDATE app_user u SET role = n.role, name_key = n.name_key, teams = n.teams, teams_role = n.teams_role,
      deactivated_at = n.deactivated_at, deleted_at = n.deleted_at,
      name = n.name, image = n.image, language = n.language, invisible = n.invisible, privacy_settings = n.privacy,
      revoke_tokens_issued_before = n.revoke, custom = n.custom, updated_at = n.updated_at, words = ${WORDS}
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
        $8::text[], $9::text[], $10::text[], $11::bool[], $12::text[], $13::bigint[], $14::text[], $15::bigint[], $16::text[])
      AS n (seq, role, name_key, teams, teams_role, deactivated_at, deleted_at,
        name, image, language, invisible, privacy, revoke, custom, updated_at, words) WHERE u.seq = n.seq`,
};

const DELETE_TEAMS = {
  name: 'delete_teams',
  text: `DELETE FROM user_team WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM unnest($2::text[], $3::bigint[]) AS gone (team, seq)
    CROSS JOIN LATERAL (SELECT ctid FROM user_team t WHERE t.app = $1 AND t.team = gone.team AND t.seq = gone.seq OFFSET 0) t))`,
};

/** By id: those who are new have just been given their numbers. */
const INSERT_TEAMS = {
  name: 'insert_teams',
  text: `INSERT INTO user_team (app, seq, team, name_key) SELECT $1, u.seq, n.team, n.name_key
    FROM unnest($2::text[], $3::text[], $4::text[]) AS n (id, team, name_key)
    CROSS JOIN LATERAL (SELECT u.seq FROM app_user u WHERE u.app = $1 AND u.id = n.id OFFSET 0) u`,
};

const REMOVE_FIELD_ROWS = { name: 'remove_field_rows', text: REMOVE_ROWS };
const PUT_FIELD_ROWS = { name: 'put_field_rows', text: PUT_ROWS };

/** Keeps the newest time, in a row that few connections share. */
const SAVE_CLOCK = {
  name: 'save_clock',
  text: 'UPDATE clock SET newest = $1 WHERE slot = pg_backend_pid() % 256 AND newest < $1',
};

/** A user that is written over, as it was. */
interface Update {
  readonly seq: number;
  readonly before: User;
  readonly user: User;
}

/** What is sent to write users, given the rows of those that exist. */
export function writeCalls(
  app: AppId,
  users: readonly User[],
  rows: ReadonlyMap<string, Row>,
  fields: readonly DeclaredField[],
): Call[] {
  const calls: Call[] = [];
  const inserts: User[] = [];
  const updates: Record<'custom' | 'plain' | 'all', Update[]> = { custom: [], plain: [], all: [] };
  for (const user of users) {
    const row = rows.get(user.id);
    if (row) updates[extentOf(row.user, user)].push({ seq: row.seq, before: row.user, user });
    else inserts.push(user);
  }
  if (inserts.length > 0) calls.push(call(INSERT, app, ...insertValues(app, inserts)));
  if (updates.custom.length > 0) calls.push(call(UPDATE_CUSTOM, seqs(updates.custom), ...customValues(updates.custom)));
  if (updates.plain.length > 0) calls.push(call(UPDATE_PLAIN, seqs(updates.plain), ...plainValues(updates.plain)));
  if (updates.all.length > 0) {
    const words = wordsOf(app, updates.all);
    calls.push(call(UPDATE_ALL, seqs(updates.all), ...indexedValues(updates.all), ...plainValues(updates.all), words));
  }
  calls.push(...teamCalls(app, inserts, updates.all));
  const changed = users.map((after) => ({ before: rows.get(after.id)?.user, after }));
  calls.push(...fieldCalls(rowChanges(app, fields, changed)));
  calls.push(
    call(
      SAVE_CLOCK,
      users.reduce((newest, { updatedAt }) => Math.max(newest, updatedAt), 0),
    ),
  );
  return calls;
}

/** How much of a row changes: an index is touched only when a column it holds has. */
function extentOf(before: User, user: User): 'custom' | 'plain' | 'all' {
  const sameIndexed =
    heldKey(before) === heldKey(user) &&
    equalTeams(before.teams, user.teams) &&
    equalTeamsRole(before.teamsRole, user.teamsRole) &&
    before.role === user.role &&
    before.deactivatedAt === user.deactivatedAt &&
    before.deletedAt === user.deletedAt &&
    sameWords(before, user);
  if (!sameIndexed) return 'all';
  return samePlain(before, user) ? 'custom' : 'plain';
}

type Written = readonly { readonly user: User }[];

const seqs = (updates: readonly Update[]): Value => int8Array(updates.map(({ seq }) => seq));
const textsOf = (written: Written, column: (user: User) => string | null | undefined): Value =>
  textArray(written.map(({ user }) => column(user) ?? null));
const numbersOf = (written: Written, column: (user: User) => number | undefined): Value =>
  int8Array(written.map(({ user }) => column(user) ?? null));
const jsonOf = (value: object | undefined): string | null => (value === undefined ? null : JSON.stringify(value));
const wordsOf = (app: AppId, written: Written): Value => textsOf(written, (user) => wordTokens(app, user).join(' '));

const customValues = (written: Written): Value[] => [
  textsOf(written, ({ custom }) => custom),
  numbersOf(written, ({ updatedAt }) => updatedAt),
];

const plainValues = (written: Written): Value[] => [
  textsOf(written, ({ name }) => name),
  textsOf(written, ({ image }) => image),
  textsOf(written, ({ language }) => language),
  boolArray(written.map(({ user }) => user.invisible)),
  textsOf(written, ({ privacySettings }) => jsonOf(privacySettings)),
  numbersOf(written, ({ revokeTokensIssuedBefore }) => revokeTokensIssuedBefore),
  ...customValues(written),
];

const indexedValues = (written: Written): Value[] => [
  textsOf(written, ({ role }) => role),
  textsOf(written, heldKey),
  textsOf(written, ({ teams }) => (teams.length === 0 ? null : JSON.stringify(teams))),
  textsOf(written, ({ teamsRole }) => jsonOf(teamsRole)),
  numbersOf(written, ({ deactivatedAt }) => deactivatedAt),
  numbersOf(written, ({ deletedAt }) => deletedAt),
];

/** Values for `INSERT`, but for the app. */
export function insertValues(app: AppId, users: readonly User[]): Value[] {
  const written = users.map((user) => ({ user }));
  return [
    textsOf(written, ({ id }) => id),
    numbersOf(written, ({ createdAt }) => createdAt),
    ...indexedValues(written),
    ...plainValues(written),
    wordsOf(app, written),
  ];
}

function teamCalls(app: AppId, inserts: readonly User[], updates: readonly Update[]): Call[] {
  const moved = updates.filter(
    ({ before, user }) => heldKey(before) !== heldKey(user) || !equalTeams(before.teams, user.teams),
  );
  const gone = moved.flatMap(({ seq, before }) => before.teams.map((team) => ({ seq, team })));
  const come = [...inserts, ...moved.map(({ user }) => user)].flatMap((user) =>
    user.teams.map((team) => ({ user, team })),
  );
  const calls: Call[] = [];
  if (gone.length > 0) {
    const teams = textArray(gone.map(({ team }) => team));
    calls.push(call(DELETE_TEAMS, app, teams, int8Array(gone.map(({ seq }) => seq))));
  }
  if (come.length > 0) {
    const teams = textArray(come.map(({ team }) => team));
    calls.push(
      call(
        INSERT_TEAMS,
        app,
        textsOf(come, ({ id }) => id),
        teams,
        textsOf(come, heldKey),
      ),
    );
  }
  return calls;
}

function fieldCalls({ removed, put }: ReturnType<typeof rowChanges>): Call[] {
  const values = ([fields, texts, times, ids]: Rows): Value[] => [
    int8Array(fields),
    textArray(texts),
    int8Array(times),
    textArray(ids),
  ];
  const calls: Call[] = [];
  if (removed[0].length > 0) calls.push(call(REMOVE_FIELD_ROWS, ...values(removed)));
  if (put[0].length > 0) calls.push(call(PUT_FIELD_ROWS, ...values(put)));
  return calls;
}
