import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AppId } from '@rollcall/domain/app';
import type { LeftConnection, TakenConnection } from '@rollcall/domain/left';

type TakenColumns = [AppId, string, number, number, string, string, string, number, number, number];

/** The leases in a SQLite database: what a server that stopped left to the next one. */
export class SqliteLeases {
  readonly #save: StatementSync;
  readonly #some: StatementSync;
  readonly #all: StatementSync;
  readonly #clear: StatementSync;

  constructor(db: DatabaseSync) {
    this.#save =
      db.prepare(`INSERT OR REPLACE INTO lease (user, connection, node, device, connected_at, heard_at, until)
      SELECT seq, ?, ?, ?, ?, ?, ? FROM user WHERE app = ? AND id = ?`);
    this.#some = db.prepare('SELECT 1 FROM lease LIMIT 1');
    // In the order of seq, so that users who came together are read together.
    this.#all = db.prepare(`SELECT u.app, u.id, u.invisible, u.updated_at,
        l.connection, l.node, l.device, l.connected_at, l.heard_at, l.until
      FROM lease l CROSS JOIN user u ON u.seq = l.user
      WHERE u.deleted_at IS NULL AND u.deactivated_at IS NULL ORDER BY l.user`);
    this.#clear = db.prepare('DELETE FROM lease');
    this.#all.setReturnArrays(true);
  }

  save(connections: readonly LeftConnection[]): void {
    for (const { app, userId, connectionId, left } of connections) {
      const { node, device, connectedAt, heardAt, until } = left;
      this.#save.run(connectionId, node, device, connectedAt, heardAt, until, app, userId);
    }
  }

  take(): readonly TakenConnection[] {
    // Nothing is written when nothing was left.
    if (!this.#some.get()) return [];
    const taken = this.#all.all().map(readTaken);
    this.#clear.run();
    return taken;
  }
}

function readTaken(columns: unknown): TakenConnection {
  const c = columns as TakenColumns; // the columns of the statement, whose tables are STRICT
  return {
    app: c[0],
    userId: c[1],
    hiding: { invisible: c[2] === 1, asOf: c[3] },
    connectionId: c[4],
    left: { node: c[5], device: c[6], connectedAt: c[7], heardAt: c[8], until: c[9] },
  };
}
