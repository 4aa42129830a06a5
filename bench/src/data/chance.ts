/** A whole 32-bit number that looks random and is always the same for a number and a lane (the finalizer of MurmurHash3). */
export function chance(index: number, lane: number): number {
  let mixed = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(lane + 1, 0x85ebca77);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
