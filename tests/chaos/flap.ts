import { setTimeout as pause } from 'node:timers/promises';
import type { Target } from '../concurrency/backend.ts';
import { at } from '../support/json.ts';
import { type Listener, makeListener } from './storm.ts';

/** A visible change of a user's presence, as a watcher was told. */
export interface Flip {
  readonly online: boolean;
  /** When, by the server's clock, which is this machine's. */
  readonly at: number;
}

/** The flips of a user that a watcher was told of, in the order in which they came. */
export function flipsOf(watcher: Listener, id: string): readonly Flip[] {
  return watcher.frames
    .filter((frame) => frame.type === 'user.presence.changed' && at(frame, 'user', 'id') === id)
    .map((frame) => ({ online: at(frame, 'user', 'online') === true, at: Date.parse(String(frame.created_at)) }));
}

/** A device of a user, which remembers when it was there. */
export interface Device {
  come(): Promise<void>;
  drop(): void;
  /** The longest that it was away between two times of being there, in milliseconds. */
  readonly longestAwayMs: () => number;
  /** Says whether it was surely there at an instant. */
  wasThere(instant: number): boolean;
}

/** Makes a device, which is not connected yet. */
export function makeDevice(target: Target, id: string): Device {
  const connection = makeListener(target, id, []);
  const stays: { readonly from: number; to: number }[] = [];
  return {
    async come() {
      await connection.come();
      stays.push({ from: Date.now(), to: Number.POSITIVE_INFINITY });
    },
    drop() {
      const stay = stays.at(-1);
      if (stay) stay.to = Math.min(stay.to, Date.now());
      connection.drop();
    },
    longestAwayMs: () => Math.max(0, ...stays.slice(1).map(({ from }, before) => from - (stays[before]?.to ?? from))),
    wasThere: (instant) => stays.some(({ from, to }) => from <= instant && instant < to),
  };
}

/** Lets a device come and drop so many times a second, for so long; it is away at the end. */
export async function flap(device: Device, perSecond: number, forMs: number): Promise<void> {
  const half = 1000 / perSecond / 2;
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    await device.come();
    await pause(half);
    device.drop();
    await pause(half);
  }
}
