/** How Rollcall keeps a behaviour of the API. */
export const STATUSES = {
  yes: 'as documented',
  partly: 'in part: the note says what is missing',
  no: 'not served: calls for it are told so (501, code 16, or the refusal that the note names)',
  ours: 'our own decision, where the documentation is silent or its behaviour hurts',
} as const;

/** One of these. */
export type Status = keyof typeof STATUSES;

/** One behaviour that a caller may rely on, or must know to be absent. */
export interface Behaviour {
  /** The section of the wire that it belongs to. */
  readonly section: number;
  readonly text: string;
  readonly status: Status;
  /** What is missing, or why it is as it is. */
  readonly note: string;
}

type Row = Omit<Behaviour, 'section'>;

/** Kept as documented. */
export const yes = (text: string, note = ''): Row => ({ text, status: 'yes', note });
/** Kept in part; the note says what is missing. */
export const partly = (text: string, note: string): Row => ({ text, status: 'partly', note });
/** Not served; its cases see the refusal. */
export const no = (text: string, note = ''): Row => ({ text, status: 'no', note });
/** A decision where the documentation is silent, or where its behaviour hurts. */
export const ours = (text: string, note = ''): Row => ({ text, status: 'ours', note });

/** The behaviours of one section of the wire, each under a key that the suites name. */
export function section<Key extends string>(
  number: number,
  rows: Readonly<Record<Key, Row>>,
): Readonly<Record<Key, Behaviour>> {
  // Every key keeps its row, which the compiler cannot see.
  return Object.fromEntries(
    Object.entries<Row>(rows).map(([key, row]) => [key, { section: number, ...row }]),
  ) as Readonly<Record<Key, Behaviour>>;
}
