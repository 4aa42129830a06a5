import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DomainError, type RefusalName } from '@rollcall/domain/error';
import { Check } from 'typebox/value';
import { CLOSE, CLOSE_UNKNOWN, closeFor, closeReasonOf } from './close.ts';
import { errorBody, writeDuration } from './error.ts';
import { ErrorAnswer } from './schema.ts';
import { STATUS } from './status.ts';

/** The table of wire.md, section 1, and the lines around it. */
const CODES: Readonly<Record<RefusalName, readonly [code: number, status: number]>> = {
  internal_error: [-1, 500],
  unavailable: [-1, 503],
  access_key_error: [2, 401],
  input_error: [4, 400],
  authentication_error: [5, 401],
  duplicate_username: [6, 400],
  rate_limited: [9, 429],
  not_found: [16, 404],
  path_not_found: [16, 404],
  not_served: [16, 501],
  not_allowed: [17, 403],
  payload_too_big: [22, 413],
  request_timeout: [23, 408],
  header_too_large: [24, 431],
  token_expired: [40, 401],
  token_not_valid_yet: [41, 401],
  token_used_before_issued: [42, 401],
  token_signature_invalid: [43, 401],
  app_suspended: [99, 403],
};
const names = Object.keys(CODES) as RefusalName[]; // the keys of the table above

test('every refusal has the public code and the status of the contract', () => {
  assert.deepEqual(Object.keys(STATUS).toSorted(), names.toSorted());
  for (const name of names) assert.deepEqual([STATUS[name].code, STATUS[name].status], CODES[name], name);
});

const context = { operation: 'UpdateUsers', duration: '0.31ms', baseUrl: 'http://here' } as const;

test('an error is the flat object of the contract', () => {
  const at = 'users[bob].pk';
  const fault = { refusal: 'input_error', at, message: `${at} is a reserved field`, index: 0 } as const;
  assert.deepEqual(errorBody(new DomainError([fault]), context), {
    code: 4,
    StatusCode: 400,
    message: 'UpdateUsers failed with error: "users[bob].pk is a reserved field"',
    exception_fields: { 'users[bob].pk': 'users[bob].pk is a reserved field' },
    duration: '0.31ms',
    more_info: 'http://here/docs/errors#4',
    details: [],
  });
});

test('every fault is named at its place, the first of each place, and a fault of the whole call at none', () => {
  const fault = (at: string, message: string) => ({ refusal: 'input_error', at, message, index: 0 }) as const;
  const error = new DomainError([fault('', 'whole'), fault('a', 'first'), fault('b', 'other'), fault('a', 'second')]);
  assert.deepEqual(errorBody(error, context).exception_fields, { a: 'first', b: 'other' });
  assert.equal(Object.hasOwn(errorBody(new DomainError([fault('', 'whole')]), context), 'exception_fields'), false);
});

test('a place may have any name', () => {
  const error = new DomainError([{ refusal: 'input_error', at: '__proto__', message: 'is forbidden', index: 0 }]);
  assert.deepEqual(Object.entries(errorBody(error, context).exception_fields ?? {}), [['__proto__', 'is forbidden']]);
});

test('every refusal is an answer that the contract describes, with or without an operation', () => {
  for (const refusal of names) {
    const error = new DomainError([{ refusal, at: '', message: 'no', index: 0 }]);
    for (const operation of ['Connect', undefined] as const) {
      const body = errorBody(error, { ...context, operation });
      assert.ok(Check(ErrorAnswer, body), refusal);
      assert.equal(body.message, operation === undefined ? 'no' : 'Connect failed with error: "no"');
    }
  }
});

test('a duration is told in milliseconds, to the hundredth', () => {
  assert.deepEqual([0, 1.866, 12_345.6].map(writeDuration), ['0.00ms', '1.87ms', '12345.60ms']);
});

test('a close says what to do next', () => {
  const told = Object.values(CLOSE).map(({ code, reconnect, pauseMs }) => [code, reconnect, pauseMs]);
  assert.deepEqual(told, [
    [1000, 'never', 0],
    [1012, 'soon', 10_000],
    [1013, 'back_off', 5000],
    [4001, 'soon', 500],
    [4002, 'soon', 500],
    [4400, 'never', 0],
    [4401, 'new_token', 0],
    [4403, 'never', 0],
    [4404, 'never', 0],
    [4429, 'back_off', 5000],
  ]);
});

test('a code is read back as its reason; any other means that the network went away', () => {
  for (const reason of Object.values(CLOSE)) {
    assert.equal(closeReasonOf(reason.code), reason);
    assert.ok(Buffer.byteLength(reason.reason) <= 123, 'a close frame has no room for more');
  }
  for (const code of [0, 1001, 1006, 1011, 4000, 4999]) assert.equal(closeReasonOf(code), CLOSE_UNKNOWN);
  assert.equal(CLOSE_UNKNOWN.reconnect, 'soon');
});

const closes: readonly (readonly [reason: keyof typeof CLOSE, refusals: readonly RefusalName[]])[] = [
  ['bad_input', ['input_error', 'payload_too_big', 'duplicate_username']],
  ['not_allowed', ['access_key_error', 'not_allowed', 'app_suspended']],
  ['gone', ['not_found']],
  ['too_many', ['rate_limited']],
  ['unavailable', ['unavailable', 'internal_error']],
  ['authentication', ['authentication_error', 'token_expired', 'token_not_valid_yet']],
  ['authentication', ['token_used_before_issued', 'token_signature_invalid']],
];

test('a refused connect closes with the reason that tells whether to come back', () => {
  for (const [reason, refusals] of closes) {
    for (const refusal of refusals) assert.equal(closeFor(refusal), CLOSE[reason], refusal);
  }
});

test('nobody is sent for a new token when nothing is wrong with the old one', () => {
  const ofTokens = new Set([5, 40, 41, 42, 43]);
  for (const name of names) {
    assert.equal(closeFor(name).reconnect === 'new_token', ofTokens.has(STATUS[name].code), name);
  }
});
