import { createHash } from 'node:crypto';
import { type Call, call } from './connection.ts';
import { numbered, type Piece } from './query-sql.ts';

/** How many statements each connection prepares for queries. */
const PREPARED = 150;
const COUNTED = 1000;
/** A statement is prepared when it comes for the so-manieth time. */
const OFTEN = 3;

/** Statements that come again and again are prepared: to plan one takes longer than to run it. */
export class QueryStatements {
  readonly #counts = new Map<string, number>();
  readonly #prepared = new Map<string, string>();

  call(asked: Piece): Call {
    const text = numbered(asked);
    const name = this.#prepared.get(text) ?? this.#count(text);
    return call(name === undefined ? { text } : { name, text }, ...asked.values);
  }

  #count(text: string): string | undefined {
    const count = (this.#counts.get(text) ?? 0) + 1;
    this.#counts.delete(text);
    this.#counts.set(text, count);
    if (this.#counts.size > COUNTED) this.#forgetOldest();
    if (count < OFTEN || this.#prepared.size >= PREPARED) return undefined;
    const name = `query_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`;
    this.#prepared.set(text, name);
    return name;
  }

  #forgetOldest(): void {
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      return;
    }
  }
}
