import { LIMITS } from '@rollcall/protocol/limits';

/** Something told apart by its id. */
interface Identified {
  readonly id: string;
}

/**
 * Groups users into batches in which no id comes twice, reading no further ahead than one batch.
 * What is said later of the same user goes into a later batch, so each user's order is kept.
 */
export async function* batchesOf<Item extends Identified>(
  users: Iterable<Item> | AsyncIterable<Item>,
  size: number = LIMITS.usersPerBatch,
): AsyncGenerator<Item[]> {
  let batch = new Map<string, Item>();
  let later: Item[] = [];
  const put = (user: Item): void => {
    if (batch.has(user.id)) later.push(user);
    else batch.set(user.id, user);
  };
  const take = (): Item[] => {
    const full = [...batch.values()];
    const repeated = later;
    batch = new Map();
    later = [];
    repeated.forEach(put);
    return full;
  };
  for await (const user of users) {
    put(user);
    while (batch.size >= size || later.length >= size) yield take();
  }
  while (batch.size > 0) yield take();
}

/** Which users of a batch an error names: its fields are keyed `users[<id>]` and `users[<id>].<field>`. */
export function namedIn(
  fields: Readonly<Record<string, string>>,
  batch: readonly Identified[],
): Map<string, Record<string, string>> {
  const named = new Map<string, Record<string, string>>();
  for (const [place, fault] of Object.entries(fields)) {
    // An id that is itself at fault may hold any character, so the longest that fits is meant.
    const fitting = batch.filter(({ id }) => place === `users[${id}]` || place.startsWith(`users[${id}].`));
    const longest = fitting.sort((a, b) => b.id.length - a.id.length)[0];
    if (longest) named.set(longest.id, { ...named.get(longest.id), [place]: fault });
  }
  return named;
}
