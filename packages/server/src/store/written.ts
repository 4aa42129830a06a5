import type { User } from '@rollcall/domain/user';

/** The key under which a user holds its name; a deleted user holds none. */
export const heldKey = (user: User): string => (user.deletedAt === undefined ? user.nameKey : '');

/** Says whether of what no index looks at only custom data and the time may differ: the commonest change by far. */
export function samePlain(a: User, b: User): boolean {
  return (
    a.name === b.name &&
    a.image === b.image &&
    a.language === b.language &&
    a.invisible === b.invisible &&
    a.privacySettings === b.privacySettings &&
    a.revokeTokensIssuedBefore === b.revokeTokensIssuedBefore
  );
}
