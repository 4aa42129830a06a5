import type { AppId } from '@rollcall/domain/app';
import { entryOf, KIND } from '../entry.ts';
import type { Needle, Source } from '../plan.ts';
import { textArray } from './arrays.ts';
import { letterOf, rolesField, storedValue, teamsField } from './field-rows.ts';
import { filled, joined, type Piece, piece } from './query-sql.ts';
import type { FieldKey, Span } from './query-ways.ts';

/** The values of `field_value` that hold everybody of a source; undefined when it is none of these alone. */
export function keysOf(app: AppId, source: Source): readonly FieldKey[] | undefined {
  switch (source.by) {
    case 'team':
      return [{ field: teamsField(app), value: storedValue(entryOf(source.team)) }];
    case 'role':
      return [{ field: rolesField(app), value: storedValue(entryOf(source.role)) }];
    case 'value':
      return [{ field: source.field, value: storedValue(source.entry) }];
    case 'any': {
      const all = source.sources.map((one) => keysOf(app, one));
      return all.every((keys) => keys !== undefined) ? all.flat() : undefined;
    }
    default:
      return undefined;
  }
}

/** The words of which all of any list must be there; undefined when a source is of anything else too. */
export function wordsOf(source: Source): readonly (readonly Needle[])[] | undefined {
  if (source.by === 'words') return [source.words];
  if (source.by !== 'any' || source.sources.length === 0) return undefined;
  const all = source.sources.map(wordsOf);
  return all.every((lists) => lists !== undefined) ? all.flat() : undefined;
}

/** Values of a declared field between two, both included; texts by their beginnings. */
export function spanOf({ kinds, low, high }: Extract<Source, { readonly by: 'range' }>): Span {
  const [first, last] = kinds;
  return {
    low: low === undefined ? letterOf(first) : storedValue({ kind: first, value: low }),
    // Whatever comes right behind: nothing that is stored has a NUL in it.
    below: high === undefined ? letterOf(last + 1) : `${storedValue({ kind: last, value: high })}\u0001`,
  };
}

/** Everybody who is there in a field, and not null. */
export const isWholeField = ({ kinds }: Extract<Source, { readonly by: 'range' }>): boolean =>
  kinds[0] === KIND.number && kinds[1] === KIND.null;

/** The ids of a source, at most so many of each of its parts; undefined when it cannot be listed. */
export function idsOf(app: AppId, source: Source, most: number): Piece | undefined {
  const keys = keysOf(app, source);
  if (keys) return joinedKeys(keys, most);
  switch (source.by) {
    case 'ids':
      return piece('SELECT w.id FROM app_user w WHERE w.app = ? AND w.id = ANY(?::text[])', app, textArray(source.ids));
    case 'name':
      return piece(
        `SELECT w.id FROM app_user w WHERE w.app = ? AND w.name_key = ?::text AND w.name_key <> '' LIMIT ${most}`,
        app,
        source.key,
      );
    case 'range': {
      const { low, below } = spanOf(source);
      const text = `SELECT f.id FROM field_value f WHERE f.field = ? AND f.value >= ?::text AND f.value < ?::text LIMIT ${most}`;
      return piece(text, source.field, low, below);
    }
    case 'any': {
      const parts = source.sources.map((one) => idsOf(app, one, most));
      if (!parts.every((part) => part !== undefined)) return undefined;
      return joined(
        parts.map((part) => filled('(%)', part)),
        ' UNION ALL ',
      );
    }
    default:
      return undefined;
  }
}

function joinedKeys(keys: readonly FieldKey[], most: number): Piece {
  const [only] = keys;
  if (!only) return piece(`SELECT ''::text AS id WHERE false`);
  if (keys.length === 1) {
    const text = `SELECT f.id FROM field_value f WHERE f.field = ? AND f.value = ?::text LIMIT ${most}`;
    return piece(text, only.field, only.value);
  }
  const text = `SELECT e.id FROM unnest(?::text[]::bigint[], ?::text[]) AS v (field, value) CROSS JOIN LATERAL (
    SELECT f.id FROM field_value f WHERE f.field = v.field AND f.value = v.value LIMIT ${most}) e LIMIT ${most}`;
  const fields = textArray(keys.map(({ field }) => String(field)));
  return piece(text, fields, textArray(keys.map(({ value }) => value)));
}
