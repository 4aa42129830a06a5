import type { JsonValue } from '@rollcall/domain/json';
import type { Link } from '../redis/link.ts';
import type { Names } from '../redis/shard.ts';
import type { Answerer } from './bus.ts';
import { parseJson } from './message.ts';

const ANSWER_MS = 2000;
/** Questions that wait for an answer, and questions of others that are being answered: what is beyond is not. */
const MOST_OPEN = 1000;
const VERSION = 1;

/** Questions between nodes, by their names. */
export class Asks implements Disposable {
  readonly #link: Link;
  readonly #names: Names;
  readonly #node: string;
  readonly #open = new Map<number, (answer: JsonValue | undefined) => void>();
  #count = 0;
  #answering = 0;
  #answerer: Answerer | undefined;

  constructor(link: Link, names: Names, node: string) {
    this.#link = link;
    this.#names = names;
    this.#node = node;
  }

  answer(answerer: Answerer): void {
    this.#answerer = answerer;
  }

  async ask(node: string, question: JsonValue): Promise<JsonValue | undefined> {
    const itself = node === this.#node;
    if (!(itself || this.#link.up) || this.#open.size >= MOST_OPEN) return undefined;
    this.#count += 1;
    const id = this.#count;
    const { promise, resolve } = Promise.withResolvers<JsonValue | undefined>();
    const late = setTimeout(resolve, ANSWER_MS, undefined).unref();
    this.#open.set(id, resolve);
    if (itself) void this.#answerOf(question).then(resolve);
    // Nobody hears it: the node is gone, and there is nothing to wait for.
    else void this.#send(node, [VERSION, 'ask', id, this.#node, question]).then((heard) => heard || resolve(undefined));
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#open.delete(id);
    }
  }

  /** Takes what came on this node's own channel; says whether it could be read. */
  hear(message: string): boolean {
    const parts = parseJson(message);
    if (!Array.isArray(parts)) return false;
    const [version, kind, id, ...rest]: JsonValue[] = parts;
    if (version !== VERSION || typeof id !== 'number') return false;
    if (kind === 'answer') this.#open.get(id)?.(rest[0]);
    else if (kind === 'ask' && typeof rest[0] === 'string' && rest[1] !== undefined)
      void this.#reply(id, rest[0], rest[1]);
    else return false;
    return true;
  }

  async #reply(id: number, node: string, question: JsonValue): Promise<void> {
    const answer = this.#answering < MOST_OPEN ? await this.#answerOf(question) : undefined;
    await this.#send(node, [VERSION, 'answer', id, ...(answer === undefined ? [] : [answer])]);
  }

  /** Whoever cannot answer is as good as gone. */
  async #answerOf(question: JsonValue): Promise<JsonValue | undefined> {
    this.#answering += 1;
    try {
      return await this.#answerer?.(question);
    } catch {
      return undefined;
    } finally {
      this.#answering -= 1;
    }
  }

  /** Says whether somebody heard it. */
  async #send(node: string, message: JsonValue): Promise<boolean> {
    const channel = this.#names.node(node);
    try {
      return Number(await this.#link.run(channel, ['SPUBLISH', channel, JSON.stringify(message)])) > 0;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    for (const resolve of this.#open.values()) resolve(undefined);
  }
}
