import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { Rollcall } from './index.ts';
import { RollcallProvider, useConnection, usePresence, useRollcall, useUser, useUsers } from './react.ts';

/** Shows all there is to show. */
function Everything(): ReactElement {
  const { users, status, more } = useUsers({ role: 'user' }, { sort: { name: 1 } });
  const seen = [useConnection(), status, users, more, useUser('ada') ?? null, useUser(undefined) ?? null];
  return createElement('p', {
    title: JSON.stringify([...seen, usePresence('ada'), useRollcall() instanceof Rollcall]),
  });
}

test('a page is rendered on a server without asking anything: everything is still loading', () => {
  const fetch = (): never => assert.fail('asked');
  const client = new Rollcall('key', { url: 'http://127.0.0.1:1', fetch });
  const html = renderToString(createElement(RollcallProvider, { client }, createElement(Everything)));
  const seen = html.replaceAll('&quot;', '"');
  assert.match(seen, /\[\{"status":"disconnected"\},"loading",\[\],false,null,null,\{"online":false\},true\]/);
});

test('a hook without a provider says what is missing', () => {
  assert.throws(() => renderToString(createElement(Everything)), /useRollcall needs a <RollcallProvider/);
});
