import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { AppId } from '@rollcall/domain/app';
import { DomainError } from '@rollcall/domain/error';
import pg from 'pg';
import { makeCertificate, NO_OPENSSL } from '../../testing-certificate.ts';
import { makeApp, readOne, refusedAs, upsert } from '../contract-support.ts';
import type { Store } from '../store.ts';
import { openPostgres } from './postgres.ts';
import { startPostgres, type TestPostgres } from './testing.ts';

const away = refusedAs('unavailable');
const CALL_MS = 5000;

/** Waits until something holds, and fails when it takes too long. */
async function eventually(holds: () => Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'it came to hold in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Another client of the database, which holds what it does until it is closed. */
async function openOther(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {}); // the database may be taken away from it
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/** Adds users one by one, and remembers who was acknowledged; refusals must say that the database is away. */
class Writers {
  readonly acknowledged: string[] = [];
  refused = 0;
  readonly #lanes: readonly Promise<void>[];
  #stopped = false;

  constructor(store: Store, app: AppId, count: number) {
    this.#lanes = Array.from({ length: count }, async (_, lane) => {
      for (let at = 0; !this.#stopped; at += 1) {
        const id = `${lane}-${at}`;
        try {
          await upsert(store, app, [{ id }]);
          this.acknowledged.push(id);
        } catch (error) {
          assert.ok(away(error), String(error));
          this.refused += 1;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }
}

let shared: TestPostgres;
before(async () => {
  shared = await startPostgres({ fast: true });
});
after(() => shared[Symbol.asyncDispose]());

describe('PostgreSQL in trouble', () => {
  for (const how of ['stop', 'kill'] as const) {
    it(`keeps every acknowledged write over a ${how} under load, says so meanwhile, and goes on by itself`, async () => {
      await using postgres = await startPostgres();
      await using store = await openPostgres(await postgres.url());
      const { id: app } = await makeApp(store);
      const writers = new Writers(store, app, 12);
      await eventually(async () => writers.acknowledged.length > 50);
      await postgres[how]();
      await eventually(async () => writers.refused > 20);
      await assert.rejects(store.find(app, ['0-0']), away);
      await assert.rejects(store.ready(), away);
      await postgres.start();
      const before = writers.acknowledged.length;
      await eventually(async () => writers.acknowledged.length > before + 50);
      await store.ready();
      await writers.stop();
      const found = await store.find(app, writers.acknowledged);
      assert.deepEqual(
        writers.acknowledged.filter((id) => !found.has(id)),
        [],
      );
    });
  }

  it('carries on over sessions that an operator ends, and tells no caller', async () => {
    const url = await shared.url();
    await using store = await openPostgres(url);
    const { id: app } = await makeApp(store);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([
        ...Array.from({ length: 8 }, (_, at) => upsert(store, app, [{ id: `${round}-${at}` }])),
        ...Array.from({ length: 8 }, () => store.find(app, ['ada'])),
      ]);
      const name = new URL(url).pathname.slice(1);
      await shared.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    }
    assert.equal((await store.scan(app, undefined, 100)).length, 40);
  });

  it('reads once more over every session that an operator ends, also when they end one after another', async () => {
    const url = await shared.url();
    await using store = await openPostgres(url, { poolSize: 3 });
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }]);
    const reads = () => Array.from({ length: 8 }, () => store.find(app, ['ada']));
    await Promise.all(reads());
    const sessions = `SELECT pid FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}'`;
    const pids = (await shared.run(sessions)).map(([pid]) => Number(pid));
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await shared.run(`SELECT pg_terminate_backend(pid) FROM (${sessions})`);
    const asked = reads();
    for (const pid of pids) {
      process.kill(pid, 'SIGCONT');
      await eventually(async () => (await shared.run(`${sessions} AND pid = ${pid}`)).length === 0);
    }
    for (const found of await Promise.all(asked)) assert.ok(found.has('ada'));
  });

  it('answers within 5 s when a lock is held, whoever waits for it, and keeps nobody else waiting', async () => {
    const url = await shared.url();
    await using store = await openPostgres(url, { poolSize: 4 });
    const { id: app } = await makeApp(store);
    await using other = await openOther(url);
    await other.query('BEGIN');
    await other.query(`SELECT pg_advisory_xact_lock(hashtextextended('ada', ${app * 4}))`);
    const begun = performance.now();
    const waiting = Array.from({ length: 10 }, () => upsert(store, app, [{ id: 'ada' }]));
    await upsert(store, app, [{ id: 'bob' }]);
    assert.ok(performance.now() - begun < 1000, 'who waits for nobody is not kept out');
    for (const result of await Promise.allSettled(waiting)) {
      assert.ok(result.status === 'rejected' && away(result.reason));
    }
    assert.ok(performance.now() - begun < CALL_MS);
    await other.query('ROLLBACK');
    await upsert(store, app, [{ id: 'ada' }]);
  });

  it('answers within 5 s when the database says nothing at all, and finds it again', async () => {
    const url = await shared.url();
    await using store = await openPostgres(url, { poolSize: 4 });
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }]);
    const pids = await shared.run(
      `SELECT pid FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}'`,
    );
    for (const [pid] of pids) process.kill(Number(pid), 'SIGSTOP');
    const begun = performance.now();
    const calls = [
      ...Array.from({ length: 6 }, () => upsert(store, app, [{ id: 'ada', name: 'Ada' }])),
      store.find(app, ['ada']),
      store.ready(),
    ];
    const results = await Promise.allSettled(calls);
    const took = performance.now() - begun;
    for (const [pid] of pids) process.kill(Number(pid), 'SIGCONT');
    for (const result of results) if (result.status === 'rejected') assert.ok(away(result.reason));
    assert.ok(results.some(({ status }) => status === 'rejected'));
    assert.ok(took < CALL_MS, `${took} ms`);
    await upsert(store, app, [{ id: 'bob' }]);
    assert.equal((await store.find(app, ['ada', 'bob'])).size, 2);
  });

  it('waits for room in a full table of locks, and refuses when none comes', async () => {
    await using postgres = await startPostgres({
      fast: true,
      settings: { max_connections: 12, max_locks_per_transaction: 80 },
    });
    const url = await postgres.url();
    await using store = await openPostgres(url, { poolSize: 3 });
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada' }]);
    await using other = await openOther(url);
    const fill = async (): Promise<void> => {
      // Until nothing is left: each half that does not fit is tried in halves.
      for (let count = 65_536; count >= 1; count = Math.floor(count / 2)) {
        const from = Math.floor(Math.random() * 1e12);
        await other
          .query(`SELECT pg_advisory_lock(x) FROM generate_series(${from}::bigint, ${from + count - 1}::bigint) x`)
          .catch((error: unknown) => assert.equal(error instanceof pg.DatabaseError && error.code, '53200'));
      }
    };
    await fill();
    const people = Array.from({ length: 100 }, (_, at) => ({ id: `user-${at}` }));
    await assert.rejects(upsert(store, app, people), away);
    const late = upsert(store, app, people);
    await other.query('SELECT pg_advisory_unlock_all()');
    await late;
    assert.equal(
      (
        await store.find(
          app,
          people.map(({ id }) => id),
        )
      ).size,
      100,
    );
  });

  it('refuses whom it cannot take into the queue, and serves the others', async () => {
    await using store = await openPostgres(await shared.url(), { poolSize: 3 });
    const { id: app } = await makeApp(store);
    const calls = Array.from({ length: 1500 }, (_, at) => upsert(store, app, [{ id: `user-${at}` }]));
    const results = await Promise.allSettled(calls);
    const served = results.filter(({ status }) => status === 'fulfilled').length;
    for (const result of results) if (result.status === 'rejected') assert.ok(away(result.reason));
    assert.ok(served >= 1000, `${served} were served`);
    assert.ok(served < 1500);
  });
});

describe('opening PostgreSQL', () => {
  it('needs no rights beyond a database of its own', async () => {
    await shared.run("CREATE ROLE plain LOGIN PASSWORD 'word'");
    await shared.run('CREATE DATABASE theirs OWNER plain');
    await using store = await openPostgres(`postgres://plain:word@127.0.0.1:${shared.port}/theirs`);
    const { id: app } = await makeApp(store);
    await upsert(store, app, [{ id: 'ada', name: 'Ada', teams: ['red'] }]);
    assert.equal((await readOne(store, app, 'ada')).name, 'Ada');
  });

  it('says what is wrong with a database that cannot serve', async () => {
    await using postgres = await startPostgres({
      fast: true,
      settings: { max_connections: 20, max_locks_per_transaction: 64 },
    });
    await postgres.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    const url = await postgres.url('good');
    await assert.rejects(openPostgres(url.replace(/good$/, 'latin')), /encoded in LATIN1.*ENCODING 'UTF8'/);
    await assert.rejects(openPostgres(url, { poolSize: 18 }), /more than the database lets in \(17\)/);
    await assert.rejects(openPostgres(url, { poolSize: 10 }), /set max_locks_per_transaction to 150 or more/);
    await postgres.run('ALTER DATABASE good SET default_transaction_read_only = on');
    await assert.rejects(openPostgres(url, { poolSize: 4 }), /takes no writes: name the primary/);
  });

  it('refuses a database that a newer version wrote', async () => {
    const url = await shared.url('newer');
    await (await openPostgres(url))[Symbol.asyncDispose]();
    await shared.run('UPDATE rollcall_schema SET version = 99', 'newer');
    await assert.rejects(openPostgres(url), /written by a newer Rollcall \(schema 99, this one knows \d+\)/);
  });

  it('shows no password when it cannot come in', async () => {
    const url = await shared.url();
    const wrong = url.replace(/:[^:@/]+@/, ':not-my-word@');
    const nowhere = `postgres://ada:not-my-word@127.0.0.1:1/none`;
    for (const broken of [
      wrong,
      nowhere,
      `${wrong}?sslmode=maybe`,
      `${wrong}?color=not`,
      'postgres://ada:not-my-word@[',
    ]) {
      const error = await openPostgres(broken).then(
        () => assert.fail('it came in'),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof Error && !(error instanceof DomainError));
      assert.ok(!JSON.stringify([error, error.message, String(error.cause), error.stack]).includes('not-my-word'));
    }
  });

  it('speaks TLS as sslmode says', async (t) => {
    const made = await makeCertificate('postgres');
    if (!made) return t.skip(NO_OPENSSL);
    await using certificate = made;
    await using postgres = await startPostgres({
      fast: true,
      settings: { ssl: 'on', ssl_cert_file: certificate.cert, ssl_key_file: certificate.key },
    });
    const url = await encryptedOnly(postgres);
    await assert.rejects(openPostgres(url), /no encryption/);
    await assert.rejects(openPostgres(`${url}?sslmode=verify-full`), /self-signed/);
    for (const mode of ['require', `verify-ca&sslrootcert=${certificate.cert}`]) {
      await using store = await openPostgres(`${url}?sslmode=${mode}`);
      await store.ready();
    }
    const elsewhere = `${url}?sslmode=verify-full&sslrootcert=${certificate.cert}`;
    await assert.rejects(openPostgres(elsewhere), /does not match|altnames/i);
    await using store = await openPostgres(elsewhere.replace('127.0.0.1', 'localhost'));
    await store.ready();
  });
});

/** A database that lets in nobody whose connection is not encrypted. */
async function encryptedOnly(postgres: TestPostgres): Promise<string> {
  const url = await postgres.url();
  const [[file] = []] = await postgres.run('SHOW hba_file');
  const rules = readFileSync(String(file), 'utf8').replaceAll(/^host\b/gm, 'hostssl');
  await postgres.run(`COPY (SELECT unnest(string_to_array($rules$${rules}$rules$, E'\\n'))) TO '${String(file)}'`);
  await postgres.run('SELECT pg_reload_conf()');
  return url;
}
