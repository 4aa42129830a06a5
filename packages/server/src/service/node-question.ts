import type { AppId } from '@rollcall/domain/app';
import { isObject, type JsonObject, type JsonValue } from '@rollcall/domain/json';
import type { Actor } from '@rollcall/domain/permission';

/** One node asks another to let a connection of its watch users. It answers `true` once that holds, `false` when the connection is gone or another's. */
export type WatchQuestion = JsonObject & {
  readonly do: 'watch';
  readonly app: AppId;
  readonly connection: string;
  /** The user who asks; null for the app's server. */
  readonly actor: string | null;
  readonly users: readonly string[];
};

/** One node asks another when connections of its last gave a sign of life. It answers an instant or null for each. */
export type HeardQuestion = JsonObject & {
  readonly do: 'heard';
  readonly connections: readonly string[];
};

export function watchQuestion(app: AppId, actor: Actor, connection: string, users: readonly string[]): WatchQuestion {
  return { do: 'watch', app, connection, actor: actor.kind === 'user' ? actor.id : null, users: [...users] };
}

export const heardQuestion = (connections: readonly string[]): HeardQuestion => ({
  do: 'heard',
  connections: [...connections],
});

/** Reads what another node asks; undefined when a newer version asks what this one does not know. */
export function parseQuestion(value: JsonValue): WatchQuestion | HeardQuestion | undefined {
  if (!isObject(value)) return undefined;
  if (value.do === 'heard' && areTexts(value.connections)) return heardQuestion(value.connections);
  const { app, connection, actor = null, users } = value;
  if (value.do !== 'watch' || typeof app !== 'number' || typeof connection !== 'string' || !areTexts(users)) {
    return undefined;
  }
  if (actor !== null && typeof actor !== 'string') return undefined;
  return { do: 'watch', app: app as AppId, connection, actor, users }; // a number is all that an id is
}

const areTexts = (value: JsonValue | undefined): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
