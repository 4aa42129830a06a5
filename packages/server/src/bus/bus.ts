import type { AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';
import type { JsonValue } from '@rollcall/domain/json';

/** Hears news of an app's users, in the order in which it was published. */
export type Deliver = (app: AppId, events: readonly Event[]) => void;

/** Answers what another node asks. */
export type Answerer = (question: JsonValue) => Promise<JsonValue>;

/**
 * Carries news to every node that follows the users it is about, and to this one always and at once. It keeps nothing: news that
 * is lost costs freshness, never truth.
 */
export interface Bus extends AsyncDisposable {
  publish(app: AppId, events: readonly Event[]): void;
  /** From now on `deliver` hears what is published; disposing ends it. */
  subscribe(deliver: Deliver): Disposable;
  /**
   * Once it answers, news of these users that other nodes publish reaches this one. Every `follow` of a user is ended by one
   * `unfollow`. While other nodes cannot be reached it answers at once, and holds from when they can. Undefined when there is
   * nothing to wait for: no other node.
   */
  follow(app: AppId, userIds: readonly string[]): Promise<void> | undefined;
  unfollow(app: AppId, userIds: readonly string[]): void;
  /** Asks another node by its name; undefined when it is gone, cannot be reached, or does not answer in two seconds. */
  ask(node: string, question: JsonValue): Promise<JsonValue | undefined>;
  /** How this node answers what others ask it. */
  answer(answerer: Answerer): void;
  /** Whether other nodes can be reached. */
  readonly connected: boolean;
  /** How long news takes to other nodes and back, as last measured; absent where there are none. */
  readonly lagMs?: number | undefined;
  /** Calls `listen` each time other nodes can be reached again: what they told meanwhile was lost. */
  onReconnect(listen: () => void): void;
}
