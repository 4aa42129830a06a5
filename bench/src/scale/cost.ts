/** What a piece of work cost, for each item of it. */
export interface Cost {
  readonly work: string;
  /** Of this process, in microseconds of CPU. */
  readonly node: number;
  /** Of the other program, in microseconds of CPU. */
  readonly other: number;
  /** Of the other program: what it sent, or wrote to its log. */
  readonly bytes: number;
}

/** What the other program used up to now. */
export interface Used {
  readonly cpuUs: number;
  readonly bytes: number;
}

/** Does some work, and says what an item of it cost here and in the other program. */
export async function costOf(
  work: string,
  items: number,
  used: () => Promise<Used>,
  run: () => Promise<unknown>,
): Promise<Cost> {
  const before = await used();
  const own = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(own);
  const after = await used();
  const each = (total: number): number => total / items;
  return {
    work,
    node: each(user + system),
    other: each(after.cpuUs - before.cpuUs),
    bytes: each(after.bytes - before.bytes),
  };
}

/** Runs so many pieces of work, some in flight. */
export async function many(count: number, inFlight: number, one: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await one(next - 1);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}
