import type { Value } from './connection.ts';

/** A piece of SQL with its values, each of which stands as `?` in it. Values never become part of the text. */
export interface Piece {
  readonly text: string;
  readonly values: readonly Value[];
}

export const piece = (text: string, ...values: readonly Value[]): Piece => ({ text, values });

export const TRUE = piece('true');
export const FALSE = piece('false');

/** Pieces one after another. */
export function joined(parts: readonly Piece[], separator: string): Piece {
  return { text: parts.map(({ text }) => text).join(separator), values: parts.flatMap(({ values }) => values) };
}

/** Writes pieces into a text, where each of them stands as `%`. */
export function filled(text: string, ...parts: readonly Piece[]): Piece {
  let at = 0;
  const put = () => parts[at++]?.text ?? '';
  return { text: text.replaceAll('%', put), values: parts.flatMap(({ values }) => values) };
}

/** All of some conditions. None of them may be NULL. */
export const allOf = (parts: readonly Piece[]): Piece => together(parts, ' AND ', TRUE, FALSE);
/** Any of some conditions. None of them may be NULL. */
export const anyOf = (parts: readonly Piece[]): Piece => together(parts, ' OR ', FALSE, TRUE);

export function not(part: Piece): Piece {
  if (part.text === TRUE.text) return FALSE;
  return part.text === FALSE.text ? TRUE : filled('NOT (%)', part);
}

function together(parts: readonly Piece[], separator: string, neutral: Piece, decisive: Piece): Piece {
  if (parts.some(({ text }) => text === decisive.text)) return decisive;
  const telling = parts.filter(({ text }) => text !== neutral.text);
  const [only] = telling;
  if (only === undefined) return neutral;
  if (telling.length === 1) return only;
  return joined(
    telling.map((part) => filled('(%)', part)),
    separator,
  );
}

/** The text with its values numbered, as PostgreSQL takes it. */
export function numbered({ text }: Piece): string {
  let at = 0;
  return text.replaceAll('?', () => {
    at += 1;
    return `$${at}`;
  });
}
