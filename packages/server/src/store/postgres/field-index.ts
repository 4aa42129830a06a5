import type { App, AppId } from '@rollcall/domain/app';
import type { FieldIndex } from '../store.ts';
import { textArray } from './arrays.ts';
import { type Call, call } from './connection.ts';
import type { Connections, KnownFields } from './query.ts';

const STATES = {
  name: 'field_states',
  text: `SELECT field, path, state, users FROM field_index WHERE app = $1 AND state <> 'dropping' ORDER BY field`,
};

const DROP = {
  name: 'drop_fields',
  text: `UPDATE field_index SET state = 'dropping', dropped_at = now()
    WHERE app = $1 AND state <> 'dropping' AND path <> ALL ($2::text[])`,
};

const ADD = {
  name: 'add_fields',
  text: `INSERT INTO field_index (app, path, state) SELECT $1, n.path, 'building'
    FROM unnest($2::text[]) WITH ORDINALITY AS n (path, at)
    WHERE NOT EXISTS (SELECT 1 FROM field_index f WHERE f.app = $1 AND f.path = n.path AND f.state <> 'dropping')
    ORDER BY n.at`,
};

/** What is written with an app that declares fields, under its lock: every later change of a user knows of them. */
export function declareCalls({ id, settings }: App): readonly Call[] {
  const paths = textArray(settings.indexedFields);
  return [call(DROP, id, paths), call(ADD, id, paths)];
}

interface State extends FieldIndex {
  readonly field: number;
}

async function statesOf(connections: Connections, app: AppId): Promise<readonly State[]> {
  const rows = await connections.read(call(STATES, app));
  return rows.map(([field, path, state, users]) => ({
    field: Number(field),
    path: String(path),
    ready: state === 'ready',
    users: Number(users),
  }));
}

/** What an app's operator can know of its indexes. */
export async function fieldStates(connections: Connections, app: AppId): Promise<readonly FieldIndex[]> {
  return (await statesOf(connections, app)).map(({ path, ready, users }) => ({ path, ready, users }));
}

/**
 * What a query can know of them. It is read for each query that can use it: a field that another node dropped is no longer
 * written to.
 */
export async function knownFields(connections: Connections, app: AppId): Promise<KnownFields> {
  const states = await statesOf(connections, app);
  const ready = states.filter((state) => state.ready);
  return {
    ready: new Map(ready.map(({ path, field }) => [path, field])),
    declared: new Set(states.map(({ path }) => path)),
  };
}
