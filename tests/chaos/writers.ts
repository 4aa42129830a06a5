import { type Answered, connect, patch, read, type Target, upsert } from '../concurrency/backend.ts';
import type { Reply } from '../support/http.ts';
import { type Account, audit, enter, type Fault, openAccount, SLOTS } from './ledger.ts';

/** Writers of every kind, who never pause while a server is there, and remember what it acknowledged. */
export interface Crowd {
  /** Writes until the server is gone or `stop` is called, and resolves when the last answer is in. */
  write(target: Target): Promise<void>;
  stop(): void;
  /** How many writes were acknowledged so far. */
  acknowledged(): number;
  /** Answers that were neither acknowledgements nor the end of the server. */
  readonly odd: readonly string[];
  /** Compares what is there with what was acknowledged: of those who wrote since the last time, or of all. */
  audit(target: Target, all: boolean): Promise<readonly Fault[]>;
}

const USERS_IN_BATCH = 25;
const USERS_IN_PATCH = 5;
const NEW_USERS = 10;
/** Makes rows of the size that real ones have, so that the log fills pages and is copied back now and then. */
const PAD = 'x'.repeat(1500);

type Write = (target: Target, account: Account, number: number) => Promise<boolean>;

interface Kind {
  readonly name: string;
  readonly users: number;
  /** Whether each write is about users that are new. */
  readonly fresh: boolean;
  readonly slots: boolean;
  readonly write: (odd: string[]) => Write;
}

const KINDS: readonly Kind[] = [
  {
    name: 'batch',
    users: USERS_IN_BATCH,
    fresh: false,
    slots: false,
    write:
      (odd) =>
      async (target, { ids }, number) =>
        good(
          await upsert(
            target,
            ids.map((id) => ({ id, number, pad: PAD })),
          ),
          odd,
        ),
  },
  {
    name: 'patch',
    users: USERS_IN_PATCH,
    fresh: false,
    slots: true,
    write:
      (odd) =>
      async (target, { ids }, number) => {
        // A user has to be there before it can be changed.
        if (number === 1)
          return good(
            await upsert(
              target,
              ids.map((id) => ({ id, number, slots: { s1: 1 } })),
            ),
            odd,
          );
        const set = { number, [`slots.s${number % SLOTS}`]: number };
        return good(
          await patch(
            target,
            ids.map((id) => ({ id, set })),
          ),
          odd,
        );
      },
  },
  {
    name: 'connect',
    users: 1,
    fresh: false,
    slots: false,
    write:
      (odd) =>
      async (target, { ids }, number) => {
        const [id = ''] = ids;
        return greeted(await connect(target, id, { number }), odd);
      },
  },
  {
    name: 'new',
    users: NEW_USERS,
    fresh: true,
    slots: false,
    write:
      (odd) =>
      async (target, { ids }, number) =>
        good(
          await upsert(
            target,
            ids.map((id) => ({ id, number })),
          ),
          odd,
        ),
  },
];

/** Gathers a crowd: some writers of every kind. */
export function gather(writersOfAKind: number): Crowd {
  const odd: string[] = [];
  const writers = KINDS.flatMap((kind) =>
    Array.from({ length: writersOfAKind }, (_, index) => new Writer(kind, `${kind.name}${index}`, kind.write(odd))),
  );
  let stopped = false;
  return {
    odd,
    async write(target) {
      stopped = false;
      await Promise.all(writers.map((writer) => writer.write(target, () => stopped)));
    },
    stop() {
      stopped = true;
    },
    acknowledged: () => writers.reduce((sum, writer) => sum + writer.acknowledged, 0),
    async audit(target, all) {
      const faults = await Promise.all(writers.map((writer) => writer.audit(target, all)));
      return faults.flat();
    },
  };
}

class Writer {
  readonly #kind: Kind;
  readonly #name: string;
  readonly #write: Write;
  readonly #accounts: Account[] = [];
  #audited = 0;
  acknowledged = 0;

  constructor(kind: Kind, name: string, write: Write) {
    this.#kind = kind;
    this.#name = name;
    this.#write = write;
  }

  async write(target: Target, stopped: () => boolean): Promise<void> {
    while (!stopped()) {
      const account = this.#next();
      const done = await enter(account, (number) => this.#write(target, account, number).catch(() => false));
      if (!done) return;
      this.acknowledged += 1;
    }
  }

  async audit(target: Target, all: boolean): Promise<readonly Fault[]> {
    const accounts = all || !this.#kind.fresh ? this.#accounts : this.#accounts.slice(this.#audited);
    this.#audited = this.#accounts.length;
    const users = await read(
      target,
      accounts.flatMap(({ ids }) => ids),
    );
    return accounts.flatMap((account) => audit(account, users, this.#kind.slots));
  }

  #next(): Account {
    const [first] = this.#accounts;
    if (first && !this.#kind.fresh) return first;
    const name = `${this.#name}-${this.#accounts.length}`;
    const account = openAccount(Array.from({ length: this.#kind.users }, (_, index) => `${name}-${index}`));
    this.#accounts.push(account);
    return account;
  }
}

function good({ status, text }: Reply, odd: string[]): boolean {
  if (status === 200 || status === 201) return true;
  odd.push(`${status} ${text}`);
  return false;
}

/** A connect is acknowledged by its hello. */
async function greeted({ socket, first }: Answered, odd: string[]): Promise<boolean> {
  await using _ = socket;
  if (first === undefined) return false;
  if (first.type !== 'health.check') odd.push(JSON.stringify(first));
  return first.type === 'health.check';
}
