import { existsSync, realpathSync } from 'node:fs';
import { withoutSecrets } from '../config.ts';
import { openSqlite, openSqliteToRead, sqliteFile } from '../store/sqlite/open.ts';
import type { Store } from '../store/store.ts';
import { MoveRefused } from './move.ts';

/** One side of a move. */
export type Side = 'from' | 'to';

/** A database that is open, and what keeps others out. */
export interface OpenSide extends AsyncDisposable {
  readonly store: Store;
  /** Makes it ready to be served, once very much was written. */
  settle(): Promise<void>;
}

/** Opens a side of a move, for this process alone. Throws for the operator to read. */
export async function openSide(side: Side, url: string): Promise<OpenSide> {
  if (/^sqlite:./.test(url)) return openFile(side, url);
  if (!/^postgres(?:ql)?:\/\//.test(url)) throw new MoveRefused(`--${side} expects sqlite:FILE or postgres://…`);
  const { openPostgresSide } = await import('./postgres.ts');
  return openPostgresSide(url);
}

/** Opens a side of a comparison: what is in a file stays as it is, byte by byte. */
export async function openToRead(side: Side, url: string): Promise<OpenSide> {
  if (!/^sqlite:./.test(url)) return openSide(side, url);
  const file = fileOf(side, url);
  if (!existsSync(file)) throw new MoveRefused(`there is no file ${file}`);
  return openedFile(openSqliteToRead(file));
}

function openFile(side: Side, url: string): OpenSide {
  const file = fileOf(side, url);
  if (side === 'from' && !existsSync(file)) throw new MoveRefused(`there is no file ${file}`);
  return openedFile(openSqlite(file));
}

function fileOf(side: Side, url: string): string {
  const file = sqliteFile(url);
  if (file === ':memory:')
    throw new MoveRefused(`--${side} expects a file: a database in memory ends with this command`);
  return file;
}

function openedFile(store: Store): OpenSide {
  return { store, settle: async () => {}, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/** Says whether both sides are one database, as far as their names tell. */
export function isSame(from: string, to: string): boolean {
  return placeOf(from) === placeOf(to);
}

function placeOf(url: string): string {
  if (!url.startsWith('sqlite:')) return shown(url);
  const file = sqliteFile(url);
  return existsSync(file) ? realpathSync(file) : file;
}

/** A database as it may be printed. */
export const shown = (url: string): string => (url.startsWith('sqlite:') ? url : withoutSecrets(url));
