import { parseArgs } from 'node:util';

/** The storm that the caller asked for. */
export interface StormFlags {
  /** How many clients, each size in turn. */
  readonly clients: readonly number[];
  readonly seconds: number;
  /** Nothing smaller was asked for than what the results are about. */
  readonly whole: boolean;
}

/** What Rollcall runs on while finding is measured. */
export type StoreName = 'sqlite' | 'postgresql';

/** What the caller asked for. */
export interface Flags {
  /** The rows to measure; undefined means all. */
  readonly rows: ReadonlySet<string> | undefined;
  /** The sizes at which finding is measured, instead of the plain table. */
  readonly users: readonly number[] | undefined;
  readonly store: StoreName;
  /** The storm that is measured, instead of the plain table. */
  readonly storm: StormFlags | undefined;
  /** A folder for CPU profiles of the measured servers. */
  readonly profile: string | undefined;
}

const STORM_CLIENTS = [2000, 15_000];
const STORM_SECONDS = 60;

/** Reads the flags that bench/README.md names. Throws at anything else. */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      users: { type: 'string' },
      store: { type: 'string' },
      storm: { type: 'boolean' },
      clients: { type: 'string' },
      seconds: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const { users, clients, seconds, store = 'sqlite', storm = false } = values;
  if (store !== 'sqlite' && store !== 'postgresql') throw new Error('--store expects sqlite or postgresql');
  if (values.store !== undefined && users === undefined) throw new Error('--store belongs to --users');
  if (!storm && (clients ?? seconds) !== undefined) throw new Error('--clients and --seconds belong to --storm');
  if (storm && (users ?? values.rows) !== undefined) throw new Error('--storm is measured alone');
  const stormFlags: StormFlags = {
    clients: clients === undefined ? STORM_CLIENTS : wholeNumbers('--clients', clients),
    seconds: seconds === undefined ? STORM_SECONDS : (wholeNumbers('--seconds', seconds)[0] ?? STORM_SECONDS),
    whole: (clients ?? seconds) === undefined,
  };
  return {
    rows: values.rows === undefined ? undefined : new Set(values.rows.split(',')),
    users: users === undefined ? undefined : wholeNumbers('--users', users),
    store,
    storm: storm ? stormFlags : undefined,
    profile: values.profile,
  };
}

function wholeNumbers(flag: string, text: string): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= 1)) return numbers;
  throw new Error(`${flag} expects whole numbers`);
}
