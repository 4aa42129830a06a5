import { type Call, call, type Rows } from './connection.ts';

/** How many locks a batch of 100 may hold at once: its app, its users, and their names; and as many again for whoever else is there. */
const LOCKS_OF_A_BATCH = 300;
const OLDEST = 15;
const VERSION_UNIT = 10_000;

const ASK = call({
  text: `SELECT current_setting('server_version_num'), current_setting('server_encoding'), pg_is_in_recovery(),
    current_setting('transaction_read_only'), current_setting('max_locks_per_transaction'), current_setting('max_connections'),
    current_setting('max_prepared_transactions'), current_setting('superuser_reserved_connections')`,
});

/** Throws a plain error, for the operator to read, when a database cannot serve as ours, and says what to set. */
export async function checkFit(ask: (call: Call) => Promise<Rows>, poolSize: number): Promise<void> {
  const [row = []] = await ask(ASK);
  const [version, encoding, recovering, readOnly, locks, connections, prepared, reserved] = row;
  const major = Math.floor(Number(version) / VERSION_UNIT);
  if (major < OLDEST) throw new Error(`the database is PostgreSQL ${major}: Rollcall needs ${OLDEST} or newer`);
  if (encoding !== 'UTF8') {
    throw new Error(
      `the database is encoded in ${encoding}: make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
    );
  }
  if (recovering === 't' || readOnly === 'on') {
    throw new Error('the database takes no writes: name the primary, not a standby');
  }
  const room = Number(connections) - Number(reserved);
  if (poolSize > room) {
    throw new Error(
      `${poolSize} connections are more than the database lets in (${room}): raise max_connections, or use fewer`,
    );
  }
  const slots = Number(connections) + Number(prepared);
  if (Number(locks) * slots < poolSize * LOCKS_OF_A_BATCH) {
    const needed = Math.ceil((poolSize * LOCKS_OF_A_BATCH) / slots);
    throw new Error(
      `the database's table of locks is too small for ${poolSize} connections: set max_locks_per_transaction to ${needed} ` +
        'or more for each node, or use fewer connections',
    );
  }
}
