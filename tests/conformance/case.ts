import type { Fields } from '../support/json.ts';
import type { Algorithm } from '../support/token.ts';
import type { BehaviourKey } from './behaviours.ts';

/**
 * Who asks. `signedBy` names whose secret signs the token: the app's own, another app's, or one that nobody has.
 * `raw` is sent as it is in the Authorization header.
 */
export type Actor = 'server' | 'none' | 'anonymous' | UserActor | ClaimsActor | { readonly raw: string };

interface Signing {
  readonly signedBy?: 'own' | 'other' | 'nobody';
  readonly alg?: Algorithm;
  /** Fields of the token's header beside or instead of `alg` and `typ`. */
  readonly header?: Fields;
}

interface UserActor extends Signing {
  readonly user: string;
  readonly claims?: Fields;
}

interface ClaimsActor extends Signing {
  readonly claims: unknown;
}

/** What an answer must look like. Codes and statuses may be a choice where the contract leaves one. */
export interface Expectation {
  readonly status: number | readonly number[];
  readonly code?: number | readonly number[];
  readonly message?: string | RegExp;
  /** The keys of `exception_fields`: all of them, in this order; a pattern where the exact depth is left open. */
  readonly fields?: readonly (string | RegExp)[];
  /**
   * A deep part of the answer: objects may hold more, lists may not, `undefined` means absent, `{}` means empty.
   * A regular expression fits a text.
   */
  readonly answer?: unknown;
  /** The ids of the users answered, in this order. */
  readonly ids?: readonly string[];
  readonly headers?: { readonly [name: string]: string | RegExp };
}

/** The cases of one behaviour. */
export type Group = readonly [behaviour: BehaviourKey, cases: readonly Case[]];

/** One request and, if it matters, what must come back. */
export interface Step {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'OPTIONS';
  readonly path: string;
  readonly query?: { readonly [key: string]: string };
  readonly actor?: Actor;
  /** Which app is addressed: ours, another one on the same server, one that does not exist, or none at all. */
  readonly app?: 'own' | 'other' | 'unknown' | 'none';
  readonly body?: unknown;
  /** The body as text, when it is no JSON or says what JSON.stringify cannot say. */
  readonly rawBody?: string;
  readonly chunked?: boolean;
  readonly headers?: { readonly [name: string]: string };
  readonly expect?: Expectation;
}

/**
 * One promise of the wire, as data. Every `~` in a text, key, path or pattern is replaced by characters that are the case's
 * own, so that cases share an app without meeting.
 */
export interface Case extends Step {
  /** The promise, in a user's words. */
  readonly name: string;
  /** The section of wire.md that makes it. */
  readonly why?: string;
  /** Settings of the app for this case; all settings are put back afterwards. */
  readonly settings?: Fields;
  /** What happens before; each must succeed, unless it says otherwise. */
  readonly given?: readonly Step[];
  /** Users that must read back exactly as before (or still be missing). */
  readonly unchanged?: readonly string[];
  /** What must hold afterwards. */
  readonly after?: readonly Step[];
  /** Whether it needs a second app on the same server. */
  readonly needsOther?: boolean;
  readonly expect: Expectation;
}
