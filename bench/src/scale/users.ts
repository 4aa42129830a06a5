import { BLANK, type User } from '@rollcall/domain/user';
import { nameKey } from '@rollcall/domain/username';
import { personAt } from '../data/people.ts';

/** The user of a number as a store holds it; `age` is what a change changes. */
export function userAt(index: number, age?: number, updatedAt = 2): User {
  const { id, name, custom } = personAt(index, age);
  const createdAt = 1_700_000_000_000 + index * 3;
  return {
    ...BLANK,
    id,
    name,
    nameKey: nameKey(name),
    custom: JSON.stringify(custom),
    createdAt,
    updatedAt: createdAt + updatedAt,
  };
}
