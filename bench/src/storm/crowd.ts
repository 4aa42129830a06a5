import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Person, personAt } from '../data/people.ts';
import { FrameReader, type OnText } from '../load/frames.ts';
import type { Lines } from '../load/http.ts';
import { reconnects, watch } from '../load/requests.ts';
import { open } from '../load/sockets.ts';
import type { Plan } from './plan.ts';

/** Told where the payload of a frame lies that a client received. */
export type OnFrame = (client: number, ...frame: Parameters<OnText>) => void;

const RETRY_MS = 100;
const TRIES = 100;

/** The clients of a storm, each a connection of its own. */
export class Crowd implements Disposable {
  readonly #port: number;
  readonly #plan: Plan;
  readonly #people: readonly Person[];
  readonly #requests: readonly Buffer[];
  readonly #onFrame: OnFrame;
  readonly #sockets = new Map<number, Socket>();
  /** Connects that failed, and were tried again. */
  retried = 0;
  /** Connections that ended though nobody dropped them. */
  lost = 0;

  constructor(port: number, plan: Plan, onFrame: OnFrame) {
    this.#port = port;
    this.#plan = plan;
    this.#people = Array.from({ length: plan.clients }, (_, index) => personAt(index));
    this.#requests = reconnects(this.#people);
    this.#onFrame = onFrame;
  }

  /** The id of a user. */
  idOf(user: number): string {
    return this.#people[user]?.id ?? '';
  }

  /** Lets all come at once, and watch. Answers how many milliseconds it took until the last one had its watches. */
  async come(lines: Lines): Promise<number> {
    const begun = performance.now();
    await Promise.all(this.#requests.map((request, client) => this.#enter(client, request, lines)));
    return performance.now() - begun;
  }

  /** Cuts all connections at once, without a word. */
  drop(): void {
    const dropped = [...this.#sockets.values()];
    this.#sockets.clear();
    for (const socket of dropped) socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.drop();
  }

  async #enter(client: number, request: Buffer, lines: Lines): Promise<void> {
    const connectionId = await this.#connect(client, request);
    const watched = this.#plan.watchedBy(client).map((user) => this.idOf(user));
    await lines.send(watch(this.idOf(client), connectionId, watched));
  }

  /** Connects one, again and again as a client would; answers the id of the connection. */
  async #connect(client: number, request: Buffer): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#connectOnce(client, request);
      } catch (error) {
        if (tries === TRIES) throw error;
        this.retried += 1;
        await pause(RETRY_MS);
      }
    }
  }

  async #connectOnce(client: number, request: Buffer): Promise<string> {
    let socket: Socket | undefined;
    let connectionId = '';
    const reader = new FrameReader((bytes, start, end) => this.#onFrame(client, bytes, start, end));
    socket = await open(this.#port, request, {
      greeted: (hello) => {
        connectionId = String(JSON.parse(hello).connection_id);
      },
      read: (bytes) => reader.read(bytes, socket),
      closed: () => {
        if (socket && this.#sockets.get(client) === socket) this.lost += 1;
      },
    });
    this.#sockets.set(client, socket);
    return connectionId;
  }
}
