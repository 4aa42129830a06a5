import { createHash } from 'node:crypto';
import type { App } from '@rollcall/domain/app';
import { inOrder } from '@rollcall/domain/json';
import type { User } from '@rollcall/domain/user';

/** What a number of users comes to. */
export interface Sum {
  readonly users: number;
  /** SHA-256 over their lines, in the order of creation. */
  readonly checksum: string;
}

/** Everything that is kept of a user, as one line: two stores hold the same user when their lines are equal. */
export function lineOf(user: User): string {
  // Named one by one, and not spread: a field that is forgotten here does not go unnoticed in the test.
  const { id, role, name, image, teams, teamsRole, language, invisible, privacySettings, custom } = user;
  const { createdAt, updatedAt, deactivatedAt, deletedAt, lastActive, revokeTokensIssuedBefore } = user;
  // A deleted user holds no name, whatever a store still says.
  const nameKey = deletedAt === undefined ? user.nameKey : '';
  const said = [
    id,
    role,
    name,
    nameKey,
    image,
    teams,
    inOrder(teamsRole),
    language,
    invisible,
    inOrder(privacySettings),
  ];
  const times = [createdAt, updatedAt, deactivatedAt, deletedAt, lastActive, revokeTokensIssuedBefore];
  return JSON.stringify([...said, custom, ...times]);
}

/** Everything that is kept of an app but its number, which is each store's own. */
export function appLineOf({ key, secret, name, createdAt, suspended, suspendedExplanation, settings }: App): string {
  return JSON.stringify(inOrder({ key, secret, name, createdAt, suspended, suspendedExplanation, settings }));
}

/** Sums up users as they come. */
export class Summing {
  readonly #hash = createHash('sha256');
  #users = 0;

  /** Takes in the lines of some users. */
  add(lines: readonly string[]): void {
    this.#users += lines.length;
    for (const line of lines) this.#hash.update(line).update('\n');
  }

  end(): Sum {
    return { users: this.#users, checksum: this.#hash.digest('hex') };
  }
}
