import type { Event } from '@rollcall/domain/event';
import { closeReasonOf } from '@rollcall/protocol/close';
import { STATUS } from '@rollcall/protocol/status';
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import type { Metrics, MetricsSources } from './metrics.ts';
import { CallTallies, Tally } from './metrics-tally.ts';
import { COMMITS, type Commit } from './store/commits.ts';
import { VERSION } from './version.ts';

const COMMIT_BOUNDS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
const LAG_BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CHANGES_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200];

/** The figures of one server, for Prometheus. */
export function createMetrics(token: string, sources: MetricsSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = countCalls(registry);
  const listeners = new DisposableStack();
  listeners.defer(countCommits(registry));
  listeners.use(countEvents(registry, sources));
  readSources(registry, sources);
  return {
    ...calls,
    token,
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
    [Symbol.dispose]: () => listeners.dispose(),
  };
}

type Labelled = readonly [labels: Readonly<Record<string, string>>, tally: Tally];

/** Has tallies of ours printed as a histogram: the library's own costs several times as much for every value. */
function addHistogram(registry: Registry, name: string, help: string, tallies: () => Iterable<Labelled>): void {
  const get = async () => ({
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: [...tallies()].flatMap((one) => linesOf(name, one)),
  });
  // The registry asks a metric for its name and for what `get` answers, and for nothing else.
  registry.registerMetric({ name, get } as unknown as Metric);
}

function linesOf(name: string, [labels, { bounds, counts, sum }]: Labelled) {
  let below = 0;
  const buckets = [...counts].map((count, at) => {
    below += count;
    return { metricName: `${name}_bucket`, labels: { le: String(bounds[at] ?? '+Inf'), ...labels }, value: below };
  });
  const total = { metricName: `${name}_count`, labels, value: below };
  return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, total];
}

/** Counts calls and sockets. */
function countCalls(registry: Registry): Pick<Metrics, 'answered' | 'broken' | 'closed'> {
  const registers = [registry];
  const tallies = new CallTallies();
  new Counter({
    name: 'rollcall_requests_total',
    help: 'Calls answered, by what was asked, HTTP status and code on the wire (0 is success).',
    labelNames: ['operation', 'status', 'code'],
    registers,
    collect() {
      this.reset();
      for (const [operation, tally] of tallies.entries()) {
        for (const { status, code, calls } of tally.outcomes()) this.inc({ operation, status, code }, calls);
      }
    },
  });
  const help = 'How long calls took, from their headers to their answer; a connect to its first frame.';
  addHistogram(registry, 'rollcall_request_seconds', help, () =>
    [...tallies.entries()].map(([operation, { seconds }]) => [{ operation }, seconds]),
  );
  const broken = new Counter({ name: 'rollcall_broken_requests_total', help: 'What came and was no HTTP.', registers });
  const closed = new Counter({
    name: 'rollcall_sockets_closed_total',
    help: 'Sockets closed, by reason; "connection lost" is any that the server has not in its table.',
    labelNames: ['reason'],
    registers,
  });
  return {
    answered(operation, status, refused, ms) {
      tallies.add(operation, status, refused === undefined ? 0 : STATUS[refused].code, ms);
    },
    broken: () => broken.inc(),
    closed: (code) => closed.inc({ reason: closeReasonOf(code).reason }),
  };
}

const NO_LABELS = {};

/** Counts the transactions of the stores of this process. Answers how to stop. */
function countCommits(registry: Registry): () => void {
  const seconds = new Tally(COMMIT_BOUNDS);
  const changes = new Tally(CHANGES_BOUNDS);
  const help = 'How long transactions took, from their first statement until their rows were safe.';
  addHistogram(registry, 'rollcall_commit_seconds', help, () => [[NO_LABELS, seconds]]);
  addHistogram(registry, 'rollcall_commit_changes', 'How many changes were committed together.', () => [
    [NO_LABELS, changes],
  ]);
  const count = (message: unknown): void => {
    const commit = message as Commit; // as `tellCommit` publishes it
    seconds.add(commit.ms / 1000);
    changes.add(commit.changes);
  };
  COMMITS.subscribe(count);
  return () => COMMITS.unsubscribe(count);
}

function countEvents(registry: Registry, { bus, clock }: MetricsSources): Disposable {
  const events = new Counter({
    name: 'rollcall_events_total',
    help: 'Events that this node told or heard of, by type.',
    labelNames: ['type'],
    registers: [registry],
  });
  const lag = new Tally(LAG_BOUNDS);
  const help = 'From when an event happened to when this node knew of it, by the clocks of both nodes.';
  addHistogram(registry, 'rollcall_event_lag_seconds', help, () => [[NO_LABELS, lag]]);
  return bus.subscribe((_, told) => {
    for (const { type } of told) events.inc({ type });
    const oldest = told[0];
    if (oldest) lag.add(Math.max(0, clock() - happenedAt(oldest)) / 1000);
  });
}

const happenedAt = (event: Event): number => (event.type === 'user.updated' ? event.user.updatedAt : event.at);

/** Figures that are read when they are asked for. */
function readSources(registry: Registry, { crowd, bus, store }: MetricsSources): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `rollcall_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('connections', 'Open sockets of this node.', () => crowd().connections);
  gauge('leases', 'Connections that were let in: this node renews a lease for each.', () => crowd().leases);
  gauge('watched_users', 'Different users whom connections of this node watch.', () => crowd().watched);
  gauge('bus_connected', 'Whether other nodes can be reached: 1 or 0.', () => Number(bus.connected));
  if ('lagMs' in bus) {
    gauge(
      'bus_lag_seconds',
      'How long news takes to other nodes, measured once a second.',
      () => (bus.lagMs ?? Number.NaN) / 1000,
    );
  }
  if (store.pool) {
    const pool = store.pool.bind(store);
    gauge('pool_connections', 'Most connections to the database that this node opens.', () => pool().most);
    gauge('pool_in_use', 'Connections to the database in use.', () => pool().inUse);
    gauge('pool_waiting', 'Calls that wait for a connection to the database.', () => pool().waiting);
  }
  const info = new Gauge({
    name: 'rollcall_info',
    help: 'The version of Rollcall.',
    labelNames: ['version'],
    registers: [registry],
  });
  info.set({ version: VERSION }, 1);
}
