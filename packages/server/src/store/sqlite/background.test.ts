import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { AppId } from '@rollcall/domain/app';
import { BLANK, type User } from '@rollcall/domain/user';
import { Pace } from '../pace.ts';
import { Background } from './background.ts';
import { Group } from './group.ts';
import { Indexes } from './indexes.ts';
import { migrate } from './migrate.ts';
import { NO_SYNC } from './sync.ts';
import { SqliteUsers } from './users.ts';
import { WORDS_TIMING } from './words-index.ts';

const APP = 1 as AppId; // a number is made an app's id only here: no app is asked for it
const nothing = (): void => {};
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await pause(5);
};
const transactions = { begin: nothing, commit: nothing, rollback: nothing, sync: NO_SYNC };

/** A lane in which others are busy for as long as it is told. */
class Lane extends Pace {
  others = true;
  override get busy(): boolean {
    return this.others;
  }
}

/** Work that can always wait, and notes when it did not. */
function patientWork(lane: Lane) {
  const seen: boolean[] = [];
  const background = new Background(new Group(transactions, nothing), lane, (_, busy) => {
    seen.push(busy);
    return busy ? 'later' : false;
  });
  return { seen, background };
}

describe('what is done in the background', () => {
  it('is put off while others are busy, looked at again and again, and done as soon as they are not', async () => {
    const lane = new Lane();
    const { seen, background } = patientWork(lane);
    background.start();
    await until(() => seen.length >= 3);
    assert.ok(seen.every((busy) => busy));
    lane.others = false;
    await until(() => seen.includes(false));
    await background[Symbol.asyncDispose]();
  });

  it('is not put off for ever, though others are busy all the time', async () => {
    const { seen, background } = patientWork(new Lane());
    background.start();
    await until(() => seen.includes(false));
    assert.equal(seen.indexOf(false), 15);
    await background[Symbol.asyncDispose]();
  });
});

describe('the indexes that are made in the background', () => {
  it('let words wait while others are busy, and declared fields not', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db);
    const indexes = new Indexes(db, WORDS_TIMING);
    const users = new SqliteUsers(db, indexes);
    db.exec(
      `INSERT INTO app (id, key, secret, name, created_at, settings) VALUES (${APP}, 'k', 's', 'n', 0, '{}'); BEGIN`,
    );
    const ada: User = { id: 'ada', ...BLANK, name: 'Ada', custom: '{"age":36}', createdAt: 1, updatedAt: 1 };
    users.write(APP, [ada], new Map());
    indexes.fields.declare(APP, ['age']);
    const words = (): unknown => db.prepare('SELECT count(*) AS count FROM user_words').get()?.count;
    const ready = (): boolean => indexes.fields.states(APP).every((field) => field.ready);
    for (let step = 0; step < 10; step += 1) indexes.work(100, true);
    assert.equal(ready(), true);
    assert.equal(words(), 0);
    assert.equal(indexes.work(100, true), 'later');
    assert.equal(indexes.work(100, false), true);
    assert.equal(words(), 1);
    assert.equal(indexes.work(100, true), false);
    db.close();
  });
});
