import assert from 'node:assert/strict';
import type { Reply } from '../support/http.ts';
import { at, type Fields, isFields } from '../support/json.ts';
import type { Expectation, Step } from './case.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const DURATION = /^\d+(\.\d+)?(ns|µs|us|ms|s)$/;
const ALWAYS = ['id', 'role', 'teams', 'language', 'banned', 'online', 'created_at', 'updated_at', 'blocked_user_ids'];
const SOMETIMES = ['teams_role', 'last_active', 'deactivated_at', 'invisible', 'privacy_settings'];
const TO_SERVERS = ['revoke_tokens_issued_before'];
const IN_ME = ['roles', 'devices', 'mutes', 'channel_mutes', 'unread_count', 'total_unread_count', 'unread_channels'];
const BUILT_IN = new Set([...ALWAYS, ...SOMETIMES, ...TO_SERVERS, ...IN_ME, 'unread_threads']);

/** Checks an answer against what a step expects, and against what every answer promises. */
export function checkReply(step: Step, reply: Reply, expect: Expectation): void {
  const seen = `${step.method} ${step.path} answered ${reply.status} ${reply.text.slice(0, 600)}`;
  assert.ok([expect.status].flat().includes(reply.status), `status ${expect.status} expected; ${seen}`);
  for (const [name, value] of Object.entries(expect.headers ?? {}))
    subset(reply.headers[name], value, `header ${name}`);
  if (step.method === 'OPTIONS') return;
  if (reply.status >= 400) checkError(reply, seen);
  else checkSuccess(reply, seen);
  if (expect.code !== undefined)
    assert.ok(
      [expect.code].flat().some((code) => code === reply.body.code),
      seen,
    );
  if (expect.message !== undefined) subset(reply.body.message, expect.message, `message; ${seen}`);
  if (expect.fields) subset(Object.keys(faults(reply)), expect.fields, 'exception_fields', seen);
  if (expect.ids) assert.deepEqual(answeredIds(reply), expect.ids, `ids; ${seen}`);
  if (expect.answer !== undefined) subset(reply.body, expect.answer, `answer`, seen);
}

/** Checks that an error object has the shape that section 1 gives it, and that its parts agree. */
export function checkErrorObject(body: Fields, status: number, seen = JSON.stringify(body)): void {
  assert.equal(body.StatusCode, status, `StatusCode; ${seen}`);
  assert.equal(typeof body.code, 'number', `code; ${seen}`);
  assert.equal(typeof body.message, 'string', `message; ${seen}`);
  assert.ok(Array.isArray(body.details), `details; ${seen}`);
  assert.ok(String(body.more_info).endsWith(`/docs/errors#${body.code}`), `more_info; ${seen}`);
  const first = Object.values(faults({ body }))[0];
  if (first === undefined) return;
  assert.equal(typeof first, 'string', `exception_fields hold texts; ${seen}`);
  const quoted = [`"${first}"`, JSON.stringify(first)].some((text) => String(body.message).includes(text));
  assert.ok(quoted, `message must name the first fault; ${seen}`);
}

/** Checks that a value holds the expected part: more keys are fine, a shorter or longer list is not. */
export function subset(actual: unknown, expected: unknown, where: string, seen = ''): void {
  if (expected instanceof RegExp) {
    assert.match(String(actual), expected, `${where}; ${seen}`);
    return;
  }
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${where} must be a list; ${seen}`);
    assert.equal(actual.length, expected.length, `length of ${where}; ${seen}`);
    for (const [index, part] of expected.entries()) subset(actual[index], part, `${where}[${index}]`, seen);
    return;
  }
  if (!isFields(expected)) {
    assert.ok(Object.is(actual, expected), `${where} must be ${expected}; ${seen}`);
    return;
  }
  assert.ok(isFields(actual), `${where} must be an object; ${seen}`);
  const keys = Object.keys(expected);
  if (keys.length === 0) assert.deepEqual(Object.keys(actual), [], `${where} must be empty; ${seen}`);
  for (const key of keys) subset(at(actual, key), expected[key], `${where}.${key}`, seen);
}

/** The users of an answer, be they a map or a list. */
export function answeredUsers(reply: { readonly body: Fields }): readonly unknown[] {
  const { users } = reply.body;
  if (Array.isArray(users)) return users;
  return isFields(users) ? Object.values(users) : [];
}

function answeredIds(reply: Reply): readonly unknown[] {
  return answeredUsers(reply).map((user) => at(user, 'id'));
}

function faults(reply: { readonly body: Fields }): Fields {
  const fields = reply.body.exception_fields;
  return isFields(fields) ? fields : {};
}

function checkError(reply: Reply, seen: string): void {
  checkErrorObject(reply.body, reply.status, seen);
  assert.match(String(reply.body.duration), DURATION, `duration; ${seen}`);
}

function checkSuccess(reply: Reply, seen: string): void {
  assert.match(String(reply.body.duration), DURATION, `duration; ${seen}`);
  assert.match(String(reply.headers['content-type']), /^application\/json/, `content-type; ${seen}`);
  for (const user of answeredUsers(reply)) checkUser(user, seen);
}

/** Checks what section 2 promises of every user as answered. */
export function checkUser(user: unknown, seen = JSON.stringify(user)): void {
  assert.ok(isFields(user), `a user is an object; ${seen}`);
  for (const key of ALWAYS) assert.ok(Object.hasOwn(user, key), `a user always has ${key}; ${seen}`);
  for (const key of ['created_at', 'updated_at']) assert.match(String(user[key]), TIME, `${key}; ${seen}`);
  const keys = Object.keys(user).filter((key) => key !== 'name' && key !== 'image');
  const firstBuiltIn = keys.findIndex((key) => BUILT_IN.has(key));
  assert.ok(
    keys.slice(firstBuiltIn).every((key) => BUILT_IN.has(key)),
    `custom data comes first, built-ins after; ${seen}`,
  );
}
