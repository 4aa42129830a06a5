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
  const claims = claimsOf(takes, drafts);
  return takes.map((take) => ({ ...take, clashes: placesOf(take.teams).some((place) => loses(take, claims, place)) }));
}

function takeOf({ before, after, index }: Draft, unique: UniqueUsernames): Take | undefined {
  if (after.name === undefined || after.nameKey === '' || after.deletedAt !== undefined) return undefined;
  const anew = before === undefined || before.nameKey !== after.nameKey;
  const taken = { index, userId: after.id, name: after.name, key: after.nameKey };
  if (unique === 'app') return anew ? { ...taken, teams: undefined } : undefined;
  const teams = anew ? after.teams : after.teams.filter((team) => !before.teams.includes(team));
  return teams.length === 0 ? undefined : { ...taken, teams };
}

/** Who of a batch is to hold a name in one place: somebody who had it, or the first who takes it. */
interface Claim {
  kept: boolean;
  firstTaker: number;
}

/** The one place of a name that must be unique in the whole app; teams have names of their own. */
const EVERYWHERE = '';

const placesOf = (teams: readonly string[] | undefined): readonly string[] => teams ?? [EVERYWHERE];

type Claims = ReadonlyMap<string, ReadonlyMap<string, Claim>>;

/** The claims of a batch's final states on the names it takes, by key and place. */
function claimsOf(takes: readonly Take[], drafts: ReadonlyMap<string, Draft>): Claims {
  const claims = new Map<string, Map<string, Claim>>(takes.map(({ key }) => [key, new Map()]));
  const takeOfUser = new Map(takes.map((take) => [take.userId, take]));
  const inTeams = takes[0]?.teams !== undefined;
  for (const { after } of drafts.values()) {
    const places = claims.get(after.nameKey);
    if (places === undefined || after.deletedAt !== undefined) continue;
    const take = takeOfUser.get(after.id);
    const taken = new Set(take && placesOf(take.teams));
    for (const place of placesOf(inTeams ? after.teams : undefined)) {
      const claim = places.get(place) ?? { kept: false, firstTaker: Number.POSITIVE_INFINITY };
      places.set(place, claim);
      if (take === undefined || !taken.has(place)) claim.kept = true;
      else if (take.index < claim.firstTaker) claim.firstTaker = take.index;
    }
  }
  return claims;
}

/** Says whether somebody of the batch stands before a take in one place. */
function loses(take: Take, claims: Claims, place: string): boolean {
  const claim = claims.get(take.key)?.get(place);
  return claim !== undefined && (claim.kept || claim.firstTaker < take.index);
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
