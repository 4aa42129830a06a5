import type { Socket } from 'node:net';
import pg from 'pg';
import type { Address } from './address.ts';
import { ConnectionLost, isReadOnly } from './faults.ts';

/** A statement that is sent often: a connection prepares it once, under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** What may stand beside a statement. A `Buffer` is a value in PostgreSQL's own binary form. */
export type Value = string | number | boolean | Buffer | null;

/** A statement with its values. Without a name it is planned for these values, and forgotten. */
export interface Call {
  readonly statement: Statement | { readonly name?: undefined; readonly text: string };
  readonly values: readonly Value[];
}

export const call = (statement: Call['statement'], ...values: readonly Value[]): Call => ({ statement, values });

/** What a statement found: each column as PostgreSQL writes it. */
export type Rows = readonly (readonly (string | null)[])[];

/** Settings of a session, by their names in PostgreSQL. */
export type Session = Readonly<Record<string, string | number>>;

/** What is asked for and not answered yet. */
interface Asked {
  readonly until: number;
  settle(error: unknown, rows: Rows): void;
}

const DISCARD_PLANS = call({ text: 'DISCARD PLANS' });
/** Plans are made anew after so long, then after twice as long each time, up to a minute. */
const FIRST_PLANS_MS = 200;
const LAST_PLANS_MS = 60_000;
const GOODBYE_MS = 1000;
/** A link over which nothing was said for so long is asked whether it is there. */
const KEEP_ALIVE_MS = 10_000;

const AS_WRITTEN = { getTypeParser: () => (text: string | Buffer) => text };

/** Listens to what PostgreSQL says of itself while a session opens: whether it is a standby. */
function noticeStandby(client: pg.Client): () => boolean {
  let standby = false;
  // The driver tells of it on its own connection only.
  (client as unknown as { readonly connection: NodeJS.EventEmitter }).connection.on(
    'parameterStatus',
    ({ parameterName, parameterValue }: { readonly parameterName: string; readonly parameterValue: string }) => {
      if (parameterName === 'in_hot_standby') standby = parameterValue === 'on';
    },
  );
  return () => standby;
}

/** One session of PostgreSQL. Statements are sent without waiting for each other's answers, and answered in their order. */
export class Connection {
  readonly #client: pg.Client;
  readonly #socket: Socket;
  readonly #asked: Asked[] = [];
  #lost: ConnectionLost | undefined;
  #plansMs = FIRST_PLANS_MS;
  #plansUntil = performance.now() + FIRST_PLANS_MS;

  private constructor(client: pg.Client) {
    this.#client = client;
    // The driver's own stream, so that what is asked together leaves in one piece.
    this.#socket = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
    client.on('error', (error) => this.lose(error));
    client.on('end', () => this.lose(new Error('it hung up')));
  }

  /** Opens a session. Refuses with `ConnectionLost`, or with what PostgreSQL says. */
  static async open(address: Address, connectMs: number, session: Session): Promise<Connection> {
    const { applicationName, options, ...where } = address;
    const settings = Object.entries(session).map(([name, value]) => `-c ${name}=${value}`);
    const config: pg.ClientConfig = {
      ...where,
      application_name: applicationName,
      options: [options, ...settings].join(' ').trim(),
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      pipeline: true,
      types: AS_WRITTEN,
    };
    const client = new pg.Client(config);
    const standby = noticeStandby(client);
    // It may open and say in the same breath that it has to go. Nobody listening, that would end the process.
    let goodbye: unknown;
    client.on('error', (error) => {
      goodbye ??= error;
    });
    try {
      await client.connect();
      if (goodbye !== undefined) throw goodbye;
      // Who was named the primary may have become another's standby, whose answers may be old.
      if (standby()) throw new Error('it takes no writes: name the primary, not a standby');
    } catch (error) {
      void client.end().catch(() => {});
      throw error instanceof pg.DatabaseError ? error : new ConnectionLost(error);
    }
    return new Connection(client);
  }

  /** How many statements wait for their answers. */
  get pending(): number {
    return this.#asked.length;
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Whether a transaction is open, or has failed and was not ended. */
  get inTransaction(): boolean {
    return this.#client.getTransactionStatus() !== 'I';
  }

  /** Sends one statement. Its answer must come until then: a link on which one is late is given up. */
  ask({ statement, values }: Call, until: number): Promise<Rows> {
    const { promise, resolve, reject } = Promise.withResolvers<Rows>();
    this.#send(statement, values, { until, settle: (error, rows) => (error ? reject(error) : resolve(rows)) });
    return promise;
  }

  /**
   * Sends statements in one piece, and resolves with what each found. When one fails the rest of them fail with it, in a
   * transaction; the first fault is the one that is told, once all are answered.
   */
  flight(calls: readonly Call[], until: number): Promise<readonly Rows[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Rows[]>();
    const found: Rows[] = [];
    let fault: unknown;
    let left = calls.length;
    const settle = (error: unknown, rows: Rows): void => {
      if (error) fault ??= error;
      found.push(rows);
      left -= 1;
      if (left > 0) return;
      if (fault === undefined) resolve(found);
      else reject(fault);
    };
    this.#socket.cork();
    for (const { statement, values } of calls) this.#send(statement, values, { until, settle });
    this.#socket.uncork();
    return promise;
  }

  #send({ name, text }: Call['statement'], values: readonly Value[], asked: Asked): void {
    if (this.#lost) {
      asked.settle(this.#lost, []);
      return;
    }
    this.#asked.push(asked);
    const config = { text, values: [...values], rowMode: 'array', ...(name === undefined ? {} : { name }) };
    void this.#client.query(config, (error: Error | null, result?: pg.QueryResult) => {
      if (this.#lost) return; // all that was asked has been told so
      this.#asked.shift();
      asked.settle(error, result?.rows ?? []);
      // A session opened now may be let write, be it at another server.
      if (error && isReadOnly(error)) this.lose(error);
    });
  }

  /** Lets prepared statements be planned anew when that is due: an index that did for a small table may not do for a large one. */
  refreshPlans(): void {
    const now = performance.now();
    if (now < this.#plansUntil) return;
    this.#plansMs = Math.min(LAST_PLANS_MS, this.#plansMs * 2);
    this.#plansUntil = now + this.#plansMs;
    this.ask(DISCARD_PLANS, now + LAST_PLANS_MS).catch((error: unknown) => this.lose(error));
  }

  /** Gives the session up when an answer is late. */
  check(now: number): void {
    // Not always the oldest: what nobody waits for may take its time.
    if (this.#asked.some(({ until }) => until < now)) this.lose(new Error('it did not answer in time'));
  }

  /** Gives the session up: whatever was asked fails. */
  lose(cause: unknown): void {
    if (this.#lost) return;
    const lost = cause instanceof ConnectionLost ? cause : new ConnectionLost(cause);
    this.#lost = lost;
    this.#socket.destroy();
    for (const { settle } of this.#asked.splice(0)) settle(lost, []);
  }

  /** Ends the session when all that was asked is answered, or without a goodbye when that takes too long. */
  async end(): Promise<void> {
    if (this.#lost) return;
    const impatient = setTimeout(() => this.lose(new Error('it did not say goodbye')), GOODBYE_MS);
    await this.#client.end();
    clearTimeout(impatient);
  }
}
