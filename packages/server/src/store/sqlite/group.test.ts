import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainError, refusal } from '@rollcall/domain/error';
import { away, Group } from './group.ts';
import { createSync, NO_SYNC, type Sync } from './sync.ts';

/** Transactions that note what was asked of them, and can fail to commit. */
function transactions(failures = 0, sync: Sync = NO_SYNC) {
  const log: string[] = [];
  let left = failures;
  return {
    log,
    sync,
    begin: () => void log.push('begin'),
    rollback: () => void log.push('rollback'),
    commit: () => {
      log.push('commit');
      if (left-- > 0) throw Object.assign(new Error('disk full'), { errcode: 13 });
    },
  };
}

/** A disk that syncs when it is told to. */
function slowDisk(overdueMs?: number) {
  const syncs: ((error: Error | null) => void)[] = [];
  return { syncs, sync: createSync((done) => void syncs.push(done), NOTHING, overdueMs) };
}

/** Transactions that do not begin while the disk is in trouble. */
function refusing(sync: Sync) {
  const disk = transactions(0, sync);
  return {
    ...disk,
    begin: () => {
      if (sync.trouble !== undefined) throw away(sync.trouble);
      disk.begin();
    },
  };
}

const NOTHING = (): void => {};
const turns = async (count = 5): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const named = (name: string) => (error: unknown) => error instanceof DomainError && error.refusal === name;

describe('group commit', () => {
  it('commits together what arrives in one turn', async () => {
    const disk = transactions();
    const group = new Group(disk, () => {});
    assert.deepEqual(await Promise.all([1, 2, 3].map((value) => group.run(1, () => value))), [1, 2, 3]);
    assert.deepEqual(disk.log, ['begin', 'commit']);
  });

  it('ends a group at 100 rows', async () => {
    const disk = transactions();
    const group = new Group(disk, () => {});
    await Promise.all(Array.from({ length: 6 }, () => group.run(50, () => 0)));
    assert.equal(disk.log.filter((word) => word === 'commit').length, 3);
  });

  it('fails every member of a group whose commit failed, and serves the next', async () => {
    const disk = transactions(1);
    const group = new Group(disk, () => {});
    const results = await Promise.allSettled([group.run(1, () => 1), group.run(1, () => 2)]);
    for (const result of results) assert.ok(result.status === 'rejected' && named('unavailable')(result.reason));
    assert.equal(await group.run(1, () => 3), 3);
  });

  it('answers nobody before the commit', async () => {
    const disk = transactions();
    const group = new Group(disk, () => disk.log.push('told'));
    const answered = group.run(1, () => disk.log.push('ran')).then(() => disk.log.push('answered'));
    await answered;
    assert.deepEqual(disk.log, ['begin', 'ran', 'commit', 'told', 'answered']);
  });

  it('lets a refusal fail alone, and runs the others singly when one breaks', async () => {
    const disk = transactions();
    const group = new Group(disk, () => {});
    const broken = new Error('ours');
    const results = await Promise.allSettled([
      group.run(1, () => 1),
      group.run(1, () => {
        throw refusal('input_error', 'no');
      }),
      group.run(1, () => {
        throw broken;
      }),
      group.run(1, () => 4),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    assert.ok(results[2]?.status === 'rejected' && results[2].reason === broken);
  });

  it('refuses what does not fit in the queue, and nothing of it is done', async () => {
    const group = new Group(transactions(), () => {});
    const waiting = Array.from({ length: 100 }, () => group.run(100, () => 'done'));
    await assert.rejects(
      group.run(1, () => 'never'),
      named('unavailable'),
    );
    assert.ok((await Promise.all(waiting)).every((answer) => answer === 'done'));
  });

  it('is drained when nothing waits', async () => {
    const group = new Group(transactions(), () => {});
    let done = false;
    void group
      .run(1, () => 0)
      .then(() => {
        done = true;
      });
    await group.drained();
    await Promise.resolve();
    assert.ok(done);
    await group.drained();
  });

  it('answers nobody before what was written is on the disk; who comes meanwhile shares the next sync', async () => {
    const { syncs, sync } = slowDisk();
    const disk = transactions(0, sync);
    const group = new Group(disk, NOTHING);
    const answered: number[] = [];
    const run = (value: number) => group.run(1, () => value).then((given) => answered.push(given));
    const first = run(1);
    await turns();
    const others = [run(2), run(3)];
    await turns();
    assert.deepEqual([disk.log, syncs.length, answered], [['begin', 'commit'], 1, []]);
    syncs[0]?.(null);
    await first;
    await turns();
    assert.deepEqual([disk.log.length, syncs.length, answered], [4, 2, [1]]);
    const drained = group.drained().then(() => answered.push(0));
    await turns();
    syncs[1]?.(null);
    await Promise.all([...others, drained]);
    assert.deepEqual(answered, [1, 2, 3, 0]);
  });

  it('runs a full group while the disk syncs, whose own sync comes after', async () => {
    const { syncs, sync } = slowDisk();
    const disk = transactions(0, sync);
    const group = new Group(disk, NOTHING);
    const first = group.run(1, () => 1);
    await turns();
    const full = group.run(100, () => 2);
    await turns();
    assert.deepEqual([disk.log.length, syncs.length], [4, 1]);
    syncs[0]?.(null);
    await first;
    // The sync that was on its way when the second was committed may not have carried it.
    assert.equal(syncs.length, 2);
    syncs[1]?.(null);
    assert.equal(await full, 2);
  });

  it('tells all who wait when the disk did not take it, and writes nothing more', async () => {
    const { syncs, sync } = slowDisk();
    const group = new Group(refusing(sync), NOTHING);
    const first = group.run(1, () => 1);
    await turns();
    const second = group.run(1, () => 2);
    await turns();
    syncs[0]?.(Object.assign(new Error('the disk is gone'), { code: 'EIO' }));
    await assert.rejects(first, named('unavailable'));
    await assert.rejects(second, named('unavailable'));
    await assert.rejects(
      group.run(1, () => 3),
      named('unavailable'),
    );
    assert.equal(syncs.length, 1, 'a sync after one that failed would seem to succeed');
    await group.drained();
  });

  it('writes nothing more once something that was written is lost, whoever lost it', async () => {
    const { syncs, sync } = slowDisk();
    const group = new Group(refusing(sync), NOTHING);
    const first = group.run(1, () => 1);
    await turns();
    sync.lose(new Error('the database did not take it'));
    await assert.rejects(
      group.run(1, () => 2),
      named('unavailable'),
    );
    syncs[0]?.(null);
    await assert.rejects(first, named('unavailable'));
  });

  it('refuses who comes while the disk does not answer; who was written before is told when it does', async () => {
    const { syncs, sync } = slowDisk(50);
    const group = new Group(refusing(sync), NOTHING);
    const first = group.run(1, () => 1);
    await turns();
    const second = group.run(1, () => 2);
    while (sync.trouble === undefined) await turns(1);
    await assert.rejects(
      group.run(1, () => 3),
      named('unavailable'),
    );
    syncs[0]?.(null);
    assert.equal(await first, 1);
    await turns();
    syncs[1]?.(null);
    assert.equal(await second, 2);
  });
});
