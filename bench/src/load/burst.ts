/** What one burst of load saw. */
export interface Burst {
  readonly perSecond: number;
  /** Of each request, in milliseconds. */
  readonly latencies: Float64Array;
  /** The share of its time in which the load process itself was busy: near 1 it measured itself. */
  readonly busy: number;
}

/** Times a burst: begin, note each answer, end. */
export class Stopwatch {
  readonly #latencies: Float64Array;
  readonly #cpu = process.cpuUsage();
  readonly #begun = performance.now();
  #count = 0;

  constructor(expected: number) {
    this.#latencies = new Float64Array(expected);
  }

  note(sentAt: number): void {
    this.#latencies[this.#count] = performance.now() - sentAt;
    this.#count += 1;
  }

  end(): Burst {
    const elapsed = performance.now() - this.#begun;
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      perSecond: (this.#count / elapsed) * 1000,
      latencies: this.#latencies.subarray(0, this.#count),
      busy: (user + system) / 1000 / elapsed,
    };
  }
}
