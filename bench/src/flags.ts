import { parseArgs } from 'node:util';

/** What the caller asked for. */
export interface Flags {
  /** The rows to measure; undefined means all. */
  readonly rows: ReadonlySet<string> | undefined;
  /** The size of the database of row 13. */
  readonly users: number;
  /** A folder for CPU profiles of the measured servers. */
  readonly profile: string | undefined;
}

const DEFAULT_USERS = 1_000_000;

/** Reads `--rows 1,3,5`, `--users N` and `--profile FOLDER`. Throws at anything else. */
export function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: { rows: { type: 'string' }, users: { type: 'string' }, profile: { type: 'string' } },
  });
  const users = Number(values.users ?? DEFAULT_USERS);
  if (!Number.isSafeInteger(users) || users < 1) throw new Error('--users expects a whole number');
  return {
    rows: values.rows === undefined ? undefined : new Set(values.rows.split(',')),
    users,
    profile: values.profile,
  };
}
