import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** A value that stands beside SQL. */
export type Parameter = string | number | Uint8Array;

/** A piece of SQL with its parameters. Values never become part of the text. */
export interface Sql {
  readonly text: string;
  readonly parameters: readonly Parameter[];
}

export const sql = (text: string, ...parameters: Parameter[]): Sql => ({ text, parameters });

export const TRUE = sql('1');
export const FALSE = sql('0');

/** All of some conditions. None of them may be NULL. */
export const allOf = (parts: readonly Sql[]): Sql => join(parts, ' AND ', TRUE, FALSE);
/** Any of some conditions. */
export const anyOf = (parts: readonly Sql[]): Sql => join(parts, ' OR ', FALSE, TRUE);

export function not(part: Sql): Sql {
  if (part.text === TRUE.text) return FALSE;
  return part.text === FALSE.text ? TRUE : sql(`NOT (${part.text})`, ...part.parameters);
}

function join(parts: readonly Sql[], separator: string, neutral: Sql, decisive: Sql): Sql {
  if (parts.some(({ text }) => text === decisive.text)) return decisive;
  const telling = parts.filter(({ text }) => text !== neutral.text);
  const [only] = telling;
  if (only === undefined) return neutral;
  if (telling.length === 1) return only;
  return {
    text: telling.map(({ text }) => `(${text})`).join(separator),
    parameters: telling.flatMap(({ parameters }) => parameters),
  };
}

const KEPT = 200;

/** Prepared statements by their text, the least lately used forgotten first. Their rows are arrays. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #byText = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Runs a query and gives all its rows. */
  all({ text, parameters }: Sql): unknown[][] {
    return this.#prepared(text).all(...parameters) as unknown as unknown[][]; // arrays: set below
  }

  /** Runs a query and gives its first row. */
  first({ text, parameters }: Sql): unknown[] | undefined {
    return this.#prepared(text).get(...parameters) as unknown as unknown[] | undefined; // an array: set below
  }

  #prepared(text: string): StatementSync {
    let statement = this.#byText.get(text);
    if (statement) this.#byText.delete(text);
    else {
      statement = this.#db.prepare(text);
      statement.setReturnArrays(true);
    }
    this.#byText.set(text, statement);
    if (this.#byText.size > KEPT) {
      for (const oldest of this.#byText.keys()) {
        this.#byText.delete(oldest);
        break;
      }
    }
    return statement;
  }
}
