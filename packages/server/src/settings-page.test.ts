import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { SETTINGS_PAGE, settingsPage } from './settings-page.ts';

it('the page of settings says what the program reads', () => {
  assert.equal(readFileSync(SETTINGS_PAGE, 'utf8'), settingsPage());
});
