import type { AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';

/** Hears news of an app's users, in the order in which it was published. */
export type Deliver = (app: AppId, events: readonly Event[]) => void;

/** Carries news to every node, this one included. It keeps nothing: news that is lost costs freshness, never truth. */
export interface Bus {
  publish(app: AppId, events: readonly Event[]): void;
  /** From now on `deliver` hears what is published; disposing ends it. */
  subscribe(deliver: Deliver): Disposable;
}
