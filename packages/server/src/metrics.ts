import type { RefusalName } from '@rollcall/domain/error';
import type { Operation } from '@rollcall/protocol/error';
import type { Bus } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import type { Store } from './store/store.ts';

/** What a call is counted under: a call of the wire, any other path that is served, or none at all. */
export type Counted = Operation | 'other' | 'unknown';

/** Counts what a server does. No figure tells of an app or of a user. */
export interface Metrics extends Disposable {
  /** A call was answered with an HTTP status: well, or with a refusal. */
  answered(operation: Counted, status: number, refused: RefusalName | undefined, ms: number): void;
  /** What came was no HTTP at all. */
  broken(): void;
  /** A socket was closed with this code, let in or not. */
  closed(code: number): void;
  /** Everything that was counted, as Prometheus reads it. */
  page(): Promise<Page>;
  /** What a reader must show. */
  readonly token: string;
}

/** The figures at one moment. */
export interface Page {
  readonly type: string;
  readonly text: string;
}

/** Who is here at this moment. */
export interface Crowd {
  readonly connections: number;
  /** Connections that were let in: this node renews a lease for each. */
  readonly leases: number;
  /** Different users whom connections of this node watch. */
  readonly watched: number;
}

/** Where the figures come from that are read when they are asked for. */
export interface MetricsSources {
  readonly crowd: () => Crowd;
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
}

/** Begins to count, when there is a token that may read it; without one nothing is counted, and no library loaded. */
export async function openMetrics(token: string | undefined, sources: MetricsSources): Promise<Metrics | undefined> {
  if (token === undefined) return undefined;
  const { createMetrics } = await import('./metrics-prometheus.ts');
  return createMetrics(token, sources);
}
