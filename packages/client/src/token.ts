import { inputError, isRecord, noAnswer, rollcallErrorOf } from './error.ts';
import { parseJson } from './request.ts';
import { pause, within } from './wait.ts';

/** A token, or a function that gets one from your backend; it is called again whenever a token has run out. */
export type TokenOrProvider = string | (() => string | Promise<string>);

/** Fit for a header: a fault found later would be told together with the token. */
const TOKEN = /^[\x21-\x7e]+$/;

/** A second and a little. */
const REVOCATION_MS = 1_100;

/** Remembers a user's token and gets a new one when needed: however many callers wait, the provider is called once. */
export class TokenSource {
  /** Whether a new token can be had at all. */
  readonly renewable: boolean;
  readonly #given: TokenOrProvider;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();
  #current: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(given: TokenOrProvider, timeoutMs: number) {
    this.#given = given;
    this.#timeoutMs = timeoutMs;
    this.renewable = typeof given === 'function';
  }

  /** The token in use; the first call asks the provider. */
  async read(): Promise<string> {
    return this.#current ?? this.#ask();
  }

  /**
   * A token other than the refused one, unless the provider insists on it. Tokens tell whole seconds, and one made within
   * the second of a revocation is refused as well: so one that was refused although it had not run out is renewed a second later.
   */
  async renew(refused: string): Promise<string> {
    if (this.#current !== undefined && this.#current !== refused) return this.#current;
    return this.#ask(looksGood(refused) ? REVOCATION_MS : 0);
  }

  /** Lets go of a provider that has not answered yet. */
  close(): void {
    this.#closing.abort(noAnswer('the user was disconnected'));
  }

  #ask(afterMs = 0): Promise<string> {
    this.#asking ??= this.#askOnce(afterMs).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #askOnce(afterMs: number): Promise<string> {
    if (afterMs > 0) await pause(afterMs, this.#closing.signal);
    this.#closing.signal.throwIfAborted();
    const given = this.#given;
    const late = (): Error => noAnswer(`the token provider did not answer within ${this.#timeoutMs} ms`);
    const call = async (): Promise<string> => (typeof given === 'function' ? given() : given);
    try {
      const token = await within(call(), this.#timeoutMs, this.#closing.signal, late);
      if (typeof token !== 'string' || !TOKEN.test(token)) throw inputError('the token is not a JWT');
      this.#current = token;
      return token;
    } catch (error) {
      throw rollcallErrorOf(error, 'the token provider failed');
    }
  }
}

/** Whether a token says of itself that it still holds, so that somebody must have revoked it. What cannot be read says nothing. */
function looksGood(token: string): boolean {
  try {
    const claims = parseJson(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    return isRecord(claims) && !(typeof claims.exp === 'number' && claims.exp * 1000 <= Date.now());
  } catch {
    return false;
  }
}
