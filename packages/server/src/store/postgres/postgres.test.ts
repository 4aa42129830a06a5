import { after, before } from 'node:test';
import { describeStore } from '../contract.ts';
import type { Store } from '../store.ts';
import { openPostgres } from './postgres.ts';
import { startPostgres, type TestPostgres } from './testing.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres({ fast: true });
});
after(() => postgres[Symbol.asyncDispose]());

/** Databases that were used and are empty again: the suite opens a few hundred stores, and to make a database takes longer than all else. */
const empty: string[] = [];

/** Everything but what the migrations put there. */
const EMPTY = `DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('rollcall_schema', 'apps_version', 'clock')
  LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
  UPDATE clock SET newest = 0 WHERE newest > 0;
END $$`;

async function openEmpty(): Promise<Store> {
  const url = empty.pop() ?? (await postgres.url());
  const store = await openPostgres(url);
  const close = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = async () => {
    await close();
    await postgres.run(EMPTY, new URL(url).pathname.slice(1));
    empty.push(url);
  };
  return store;
}

/** A query goes to another process and back: few beside all other tests, very many when there is time. */
describeStore('postgres', openEmpty, process.env.FULL_LENGTH === '1' ? 500 : 60);
