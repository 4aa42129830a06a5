import { appGroups } from './app.cases.ts';
import { appIndexedGroups } from './app-indexed.cases.ts';
import type { Group } from './case.ts';
import { customGroups } from './custom.cases.ts';
import { envelopeGroups } from './envelope.cases.ts';
import { fieldGroups } from './field.cases.ts';
import { laterGroups } from './later.cases.ts';
import { nameKeyGroups } from './name-key.cases.ts';
import { patchGroups } from './patch.cases.ts';
import { patchRefusedGroups } from './patch-refused.cases.ts';
import { queryGroups } from './query.cases.ts';
import { queryCustomGroups } from './query-custom.cases.ts';
import { queryLogicGroups } from './query-logic.cases.ts';
import { queryPresenceGroups } from './query-presence.cases.ts';
import { querySortGroups } from './query-sort.cases.ts';
import { queryWordsGroups } from './query-words.cases.ts';
import { replaceGroups } from './replace.cases.ts';
import { roleGroups } from './role.cases.ts';
import { tenancyGroups } from './tenancy.cases.ts';
import { tokenGroups } from './token.cases.ts';
import { upsertGroups } from './upsert.cases.ts';
import { usernameGroups } from './username.cases.ts';

/** All cases, by the behaviour they show. */
export const GROUPS: readonly Group[] = [
  ...envelopeGroups,
  ...fieldGroups,
  ...customGroups,
  ...upsertGroups,
  ...replaceGroups,
  ...patchGroups,
  ...patchRefusedGroups,
  ...nameKeyGroups,
  ...usernameGroups,
  ...appGroups,
  ...roleGroups,
  ...queryGroups,
  ...queryCustomGroups,
  ...queryLogicGroups,
  ...queryWordsGroups,
  ...querySortGroups,
  ...queryPresenceGroups,
  ...appIndexedGroups,
  ...tenancyGroups,
  ...tokenGroups,
  ...laterGroups,
];
