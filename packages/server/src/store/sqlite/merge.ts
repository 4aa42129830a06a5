import { endOf, type Stream } from './stream.ts';

/** A stream, and what was read of it and not yet passed on. */
interface Branch {
  readonly stream: Stream;
  seqs: readonly number[];
  at: number;
  reached: number;
}

const LEAST_SHARE = 8;

/**
 * Everybody whom any of the streams has. A step goes as far as all of them have looked; what some looked at beyond is kept for
 * the next one.
 */
export function mergeStreams(streams: readonly Stream[], direction: 1 | -1): Stream {
  let branches: readonly Branch[] = [];
  let place: number | undefined;

  /** Reads on where nothing is left of what was read; says how far all have looked. */
  function fill(size: number): number {
    const share = Math.min(size, Math.max(LEAST_SHARE, Math.ceil((size * 2) / Math.max(1, streams.length))));
    let horizon = endOf(direction);
    for (const branch of branches) {
      if (branch.at >= branch.seqs.length && branch.reached !== endOf(direction)) {
        const step = branch.stream(branch.reached, share);
        branch.seqs = step.seqs;
        branch.at = 0;
        branch.reached = step.reached;
      }
      if ((branch.reached - horizon) * direction < 0) horizon = branch.reached;
    }
    return horizon;
  }

  return (from, size) => {
    if (from !== place) branches = streams.map((stream) => ({ stream, seqs: [], at: 0, reached: from }));
    const horizon = fill(size);
    const isWithin = (seq: number | undefined, end: number): boolean =>
      seq !== undefined && (seq - end) * direction <= 0;
    const found = new Set<number>();
    for (const { seqs, at } of branches) {
      for (let next = at; isWithin(seqs[next], horizon); next++) found.add(seqs[next] ?? 0);
    }
    const sorted = [...found].sort((a, b) => (a - b) * direction);
    const page = sorted.slice(0, size);
    place = sorted.length > size ? (page.at(-1) ?? horizon) : horizon;
    for (const branch of branches) while (isWithin(branch.seqs[branch.at], place)) branch.at += 1;
    return { seqs: page, reached: place };
  };
}
