import type { AppId } from '@rollcall/domain/app';
import type { LeftConnection, TakenConnection } from '@rollcall/domain/left';
import type { Instant } from '@rollcall/domain/user';
import { int8Array, textArray } from './arrays.ts';
import { type Call, call, type Rows } from './connection.ts';

/** How many rows one statement writes, so that none of them takes long. */
const ROWS = 1000;

/** In the order of seq, so that nobody who does the same at once waits in a circle. */
const SAVE_ACTIVITY = {
  name: 'save_activity',
  text: `INSERT INTO user_activity AS a (seq, last_active)
    SELECT u.seq, n.at FROM unnest($2::text[], $3::bigint[]) AS n (id, at)
    CROSS JOIN LATERAL (SELECT u.seq FROM app_user u WHERE u.app = $1 AND u.id = n.id OFFSET 0) u ORDER BY u.seq
    ON CONFLICT (seq) DO UPDATE SET last_active = excluded.last_active WHERE a.last_active < excluded.last_active`,
};

const SAVE_LEASES = {
  name: 'save_leases',
  text: `INSERT INTO lease AS l (seq, connection, node, device, connected_at, heard_at, until)
    SELECT u.seq, n.connection, n.node, n.device, n.connected_at, n.heard_at, n.until
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[])
      AS n (app, id, connection, node, device, connected_at, heard_at, until)
    CROSS JOIN LATERAL (SELECT u.seq FROM app_user u WHERE u.app = n.app AND u.id = n.id OFFSET 0) u ORDER BY u.seq, n.connection
    ON CONFLICT (seq, connection) DO UPDATE SET node = excluded.node, device = excluded.device,
      connected_at = excluded.connected_at, heard_at = excluded.heard_at, until = excluded.until`,
};

/** Of two who ask at once, one finds all and the other nothing. */
export const TAKE_LEASES = call({
  name: 'take_leases',
  text: `WITH taken AS (DELETE FROM lease RETURNING *)
    SELECT u.app, u.id, u.invisible, u.updated_at, t.connection, t.node, t.device, t.connected_at, t.heard_at, t.until
    FROM taken t JOIN app_user u ON u.seq = t.seq
    WHERE u.deleted_at IS NULL AND u.deactivated_at IS NULL ORDER BY t.seq`,
});

export function activityCalls(app: AppId, seen: ReadonlyMap<string, Instant>): readonly Call[] {
  return inParts([...seen]).map((part) =>
    call(SAVE_ACTIVITY, app, textArray(part.map(([id]) => id)), int8Array(part.map(([, at]) => at))),
  );
}

export function leaseCalls(connections: readonly LeftConnection[]): readonly Call[] {
  // One statement cannot write a row twice: what was said last of a connection counts.
  const last = new Map(connections.map((left) => [`${left.app} ${left.connectionId} ${left.userId}`, left]));
  return inParts([...last.values()]).map((part) => {
    const texts = (column: (left: LeftConnection) => string) => textArray(part.map(column));
    const numbers = (column: (left: LeftConnection) => number) => int8Array(part.map(column));
    return call(
      SAVE_LEASES,
      numbers(({ app }) => app),
      texts(({ userId }) => userId),
      texts(({ connectionId }) => connectionId),
      texts(({ left }) => left.node),
      texts(({ left }) => left.device),
      numbers(({ left }) => left.connectedAt),
      numbers(({ left }) => left.heardAt),
      numbers(({ left }) => left.until),
    );
  });
}

function inParts<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / ROWS) }, (_, at) => all.slice(at * ROWS, (at + 1) * ROWS));
}

type TakenColumns = [string, string, string, string, string, string, string, string, string, string];

/** Reads what `TAKE_LEASES` found. */
export function readTaken(rows: Rows): readonly TakenConnection[] {
  return rows.map((columns) => {
    const c = columns as TakenColumns; // those of the statement, none of which may be null
    return {
      app: Number(c[0]) as AppId, // the number the store gave it
      userId: c[1],
      hiding: { invisible: c[2] === 't', asOf: Number(c[3]) },
      connectionId: c[4],
      left: { node: c[5], device: c[6], connectedAt: Number(c[7]), heardAt: Number(c[8]), until: Number(c[9]) },
    };
  });
}
