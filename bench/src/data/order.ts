const GOLDEN = 0.618_033_988_749;

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** A stride that visits every number below `size` once before it comes back, never near the one before. */
export function stepFor(size: number): number {
  let step = Math.max(1, Math.floor(size * GOLDEN));
  while (commonDivisor(step, size) !== 1) step += 1;
  return step;
}

/** The numbers `first` to `first + count` of a scattered walk over the numbers below `size`. */
export function scattered(size: number, first: number, count: number): number[] {
  const step = stepFor(size);
  return Array.from({ length: count }, (_, at) => ((first + at) * step) % size);
}
