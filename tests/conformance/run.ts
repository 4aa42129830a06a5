import assert from 'node:assert/strict';
import { call, type Reply } from '../support/http.ts';
import { type Fields, isFields } from '../support/json.ts';
import type { App } from '../support/server.ts';
import { makeToken } from '../support/token.ts';
import { suffix } from '../support/wait.ts';
import type { Actor, Case, Step } from './case.ts';
import { answeredUsers, checkReply } from './check.ts';
import { read } from './steps.ts';
import type { Target } from './target.ts';

/** The settings of a fresh app. */
export const DEFAULT_SETTINGS: Fields = {
  enforce_unique_usernames: 'no',
  multi_tenant_enabled: false,
  disable_auth_checks: false,
  disable_permissions_checks: false,
  user_search_disallowed_roles: [],
  guest_user_creation_disabled: false,
  connect_policy: 'merge',
  indexed_fields: [],
};

/** Plays one case from its settings to what must hold afterwards. */
export async function runCase(target: Target, template: Case): Promise<void> {
  const mark = suffix();
  const play = fillCase(template, mark);
  try {
    if (play.settings !== undefined && Object.keys(play.settings).length > 0) await setSettings(target, play.settings);
    for (const step of play.given ?? []) await playStep(target, step);
    const before = await readUsers(target, play.unchanged);
    await playStep(target, play);
    assert.deepEqual(await readUsers(target, play.unchanged), before, 'users that must not have changed');
    for (const step of play.after ?? []) await playStep(target, step);
  } finally {
    if (play.settings !== undefined) await resetSettings(target);
  }
}

/** Makes the call of a step and checks its answer. */
export async function playStep(target: Target, step: Step): Promise<Reply> {
  const reply = await send(target, step);
  checkReply(step, reply, step.expect ?? { status: [200, 201] });
  return reply;
}

/** Makes the call of a step. */
export async function send(target: Target, step: Step): Promise<Reply> {
  if (!changesSettings(step)) await target.settle?.();
  const reply = await sendNow(target, step);
  if (changesSettings(step) && target.changed) target.changed(addressed(target, step));
  return reply;
}

const changesSettings = ({ method, path }: Step): boolean => method !== 'GET' && /^\/(app|roles)/.test(path);

function sendNow(target: Target, step: Step): Promise<Reply> {
  const body = step.rawBody ?? (step.body === undefined ? undefined : JSON.stringify(step.body));
  const key = apiKey(target, step);
  return call({
    url: target.url,
    method: step.method,
    path: step.path,
    query: { ...(key === undefined ? {} : { api_key: key }), ...step.query },
    headers: { ...authentication(target, step), ...(body === undefined ? {} : JSON_TYPE), ...step.headers },
    ...(body === undefined ? {} : { body }),
    ...(step.chunked === true ? { chunked: true } : {}),
  });
}

export async function setSettings(target: Target, settings: Fields): Promise<void> {
  await playStep(target, { method: 'PATCH', path: '/app', body: settings });
}

/** Puts every setting back. An instant of revocation can only be undone alone. */
export async function resetSettings(target: Target): Promise<void> {
  await setSettings(target, DEFAULT_SETTINGS);
  await setSettings(target, { revoke_tokens_issued_before: null });
}

/** Replaces every `~` in a case by characters of its own. */
export function fillCase(template: Case, mark: string): Case {
  // fill keeps the shape of what it is given, which the compiler cannot see.
  return fill(template, mark) as Case;
}

/** The token that an actor shows, or undefined when it shows none. */
export function tokenOf(target: Target, actor: Actor, app: App): string | undefined {
  if (actor === 'server') return makeToken({ server: true }, app.secret);
  if (actor === 'none' || actor === 'anonymous') return undefined;
  if ('raw' in actor) return actor.raw;
  const claims = 'user' in actor ? { user_id: actor.user, ...actor.claims } : actor.claims;
  return makeToken(claims, secretOf(target, actor.signedBy, app), actor.alg, actor.header);
}

const JSON_TYPE = { 'content-type': 'application/json' };

function secretOf(target: Target, signedBy: 'own' | 'other' | 'nobody' | undefined, app: App): string {
  if (signedBy === 'nobody') return 'a-secret-that-nobody-has';
  if (signedBy === 'own') return target.own.secret;
  return signedBy === 'other' ? otherApp(target).secret : app.secret;
}

function otherApp(target: Target): App {
  if (target.other === undefined) throw new Error('this case needs a second app and must say so');
  return target.other;
}

function apiKey(target: Target, step: Step): string | undefined {
  if (step.app === 'none') return undefined;
  return step.app === 'unknown' ? 'no-such-app' : addressed(target, step).apiKey;
}

function addressed(target: Target, step: Step): App {
  return step.app === 'other' ? otherApp(target) : target.own;
}

function authentication(target: Target, step: Step): { [name: string]: string } {
  const actor = step.actor ?? 'server';
  const token = tokenOf(target, actor, addressed(target, step));
  if (token !== undefined) return { authorization: token, 'stream-auth-type': 'jwt' };
  return actor === 'anonymous' ? { 'stream-auth-type': 'anonymous' } : {};
}

async function readUsers(target: Target, ids: readonly string[] = []): Promise<readonly unknown[]> {
  return ids.length === 0 ? [] : answeredUsers(await playStep(target, read(ids)));
}

function fill(value: unknown, mark: string): unknown {
  if (typeof value === 'string') return value.replaceAll('~', mark);
  if (value instanceof RegExp) return new RegExp(value.source.replaceAll('~', mark), value.flags);
  if (Array.isArray(value)) return value.map((part) => fill(part, mark));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key.replaceAll('~', mark), fill(part, mark)]));
}
