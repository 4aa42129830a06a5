import { columnsOf, INSERT, INSERT_WORDS, openLimitDatabase, userOf, wordsOf } from './database.ts';

/** A user as a call names it. */
export interface Sent {
  readonly id: string;
  readonly name?: string;
  readonly set?: Readonly<Record<string, unknown>>;
}

interface Waiting {
  readonly columns: ReturnType<typeof columnsOf>;
  /** Undefined where none change. */
  readonly words: string | undefined;
  readonly done: () => void;
}

/** How a row waits for others: given what commits all that wait, and how many those are. */
export type Gathering = (commitAll: () => void, count: () => number) => () => void;

/** Rows of one turn of the loop are committed together. */
const ONE_TURN: Gathering = (commitAll, count) => () => {
  if (count() === 1) setImmediate(commitAll);
};

/**
 * One prepared upsert on a database file, committed in groups: the function it gives writes a row together with those that it is
 * gathered with. Who is new has words.
 */
export function groupedUpserts(file: string, gathering = ONE_TURN): (user: Sent, isNew: boolean) => Promise<void> {
  const db = openLimitDatabase(file);
  const upsert = db.prepare(`${INSERT} ON CONFLICT (app, id) DO UPDATE SET
    custom = json_patch(custom, excluded.custom), updated_at = excluded.updated_at`);
  const insertWords = db.prepare(INSERT_WORDS);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  let waiting: Waiting[] = [];

  function commitAll(): void {
    const group = waiting;
    waiting = [];
    begin.run();
    for (const { columns, words } of group) {
      const { lastInsertRowid } = upsert.run(...columns);
      if (words !== undefined) insertWords.run(lastInsertRowid, words);
    }
    commit.run();
    for (const { done } of group) done();
  }

  const arrived = gathering(commitAll, () => waiting.length);
  return ({ id, name = '', set, ...custom }, isNew) => {
    const user = userOf({ id, name, custom: set ?? custom }, Date.now());
    return new Promise((done) => {
      waiting.push({ columns: columnsOf(user), words: isNew ? wordsOf(user) : undefined, done });
      arrived();
    });
  };
}
