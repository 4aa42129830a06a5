import type { UniqueUsernames } from './app.ts';
import { DomainError, type Fault, placeOf } from './error.ts';
import type { User } from './user.ts';
import type { NameKey } from './username.ts';

/** A user on its way from one state to another, and the place of the last item that named it. */
export interface Draft {
  readonly before: User | undefined;
  readonly after: User;
  readonly index: number;
}

/** A name that a batch takes anew, and so must find free. */
export interface TakenName {
  readonly index: number;
  readonly userId: string;
  readonly name: string;
  readonly key: NameKey;
  /** The teams in which nobody else may hold it; undefined means the whole app. */
  readonly teams: readonly string[] | undefined;
  /** Another user of the same batch holds it in the end, or takes it earlier. */
  readonly clashes: boolean;
}

type Take = Omit<TakenName, 'clashes'>;

/**
 * The names that a batch takes anew (wire.md, section 6): the key changed, the user is new, or, where teams count, it gained
 * a team. A name is looked at in the gained teams only, so that duplicates from before stay usable.
 */
export function takenNames(drafts: ReadonlyMap<string, Draft>, unique: UniqueUsernames): readonly TakenName[] {
  if (unique === 'no') return [];
  const takes: Take[] = [];
  for (const draft of drafts.values()) {
    const take = takeOf(draft, unique);
    if (take) takes.push(take);
  }
  if (takes.length === 0) return [];
  const rivals = rivalsByKey(takes, drafts);
  return takes.map((take) => ({ ...take, clashes: (rivals.get(take.key) ?? []).some((rival) => beats(rival, take)) }));
}

function takeOf({ before, after, index }: Draft, unique: UniqueUsernames): Take | undefined {
  if (after.name === undefined || after.nameKey === '' || after.deletedAt !== undefined) return undefined;
  const anew = before === undefined || before.nameKey !== after.nameKey;
  const taken = { index, userId: after.id, name: after.name, key: after.nameKey };
  if (unique === 'app') return anew ? { ...taken, teams: undefined } : undefined;
  const teams = anew ? after.teams : after.teams.filter((team) => !before.teams.includes(team));
  return teams.length === 0 ? undefined : { ...taken, teams };
}

interface Rival {
  readonly user: User;
  readonly take: Take | undefined;
}

function rivalsByKey(takes: readonly Take[], drafts: ReadonlyMap<string, Draft>): Map<string, Rival[]> {
  const rivals = new Map<string, Rival[]>(takes.map((take) => [take.key, []]));
  const takeOfUser = new Map(takes.map((take) => [take.userId, take]));
  for (const { after } of drafts.values()) {
    if (after.deletedAt === undefined) rivals.get(after.nameKey)?.push({ user: after, take: takeOfUser.get(after.id) });
  }
  return rivals;
}

/** Says whether a user of the batch stands in the way of a take: it keeps the name, or takes it earlier. */
function beats({ user, take: other }: Rival, take: Take): boolean {
  if (user.id === take.userId || !meets(take.teams, user.teams)) return false;
  const takesToo = other !== undefined && meets(other.teams, take.teams);
  return !takesToo || other.index < take.index;
}

function meets(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((team) => b.includes(team));
}

/** Throws when taken names are not free, naming them all. */
export function refuseTakenNames(held: readonly TakenName[]): void {
  const [first, ...rest] = held.map(faultOf).sort((a, b) => a.index - b.index);
  if (first) throw new DomainError([first, ...rest]);
}

function faultOf({ index, userId, name }: TakenName): Fault {
  const message = `a user with the name "${name}" already exists`;
  return { refusal: 'duplicate_username', at: placeOf(userId, 'name'), message, index };
}
