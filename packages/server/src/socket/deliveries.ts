import type { AppId } from '@rollcall/domain/app';
import type { Event } from '@rollcall/domain/event';

/** What the line works with. */
export interface DeliveryLine {
  /** Tells events; what cannot be told is lost. */
  deliver(app: AppId, events: readonly Event[]): Promise<void>;
  /** Makes good what was lost: tells how things stand now. */
  catchUp(app: AppId): Promise<void>;
  failed(error: unknown): void;
}

interface Line {
  events: Event[];
  /** Something was lost, or may have been. */
  behind: boolean;
}

/** How much news of an app may wait. It is a hint: beyond this it is let go, and made good when there is time. */
const MOST = 50_000;

/**
 * News waiting to be told: that of an app one piece after another, in the order in which it came, whatever a delivery waits for.
 * A slow app holds up no other.
 */
export class Deliveries {
  readonly #line: DeliveryLine;
  readonly #apps = new Map<AppId, Line>();

  constructor(line: DeliveryLine) {
    this.#line = line;
  }

  put(app: AppId, events: readonly Event[]): void {
    const line = this.#apps.get(app);
    if (!line) this.#begin(app, { events: [...events], behind: false });
    else if (line.events.length + events.length <= MOST) line.events.push(...events);
    else line.behind = true;
  }

  /** News of this app was lost: how things stand is told when all that waits has been. */
  lost(app: AppId): void {
    const line = this.#apps.get(app);
    if (line) line.behind = true;
    else this.#begin(app, { events: [], behind: true });
  }

  /** Lets go of all that waits. */
  clear(): void {
    for (const line of this.#apps.values()) {
      line.events = [];
      line.behind = false;
    }
  }

  #begin(app: AppId, line: Line): void {
    this.#apps.set(app, line);
    void this.#run(app, line);
  }

  async #run(app: AppId, line: Line): Promise<void> {
    while (line.events.length > 0 || line.behind) {
      try {
        await this.#next(app, line);
      } catch (error) {
        this.#line.failed(error);
      }
    }
    this.#apps.delete(app);
  }

  async #next(app: AppId, line: Line): Promise<void> {
    const { events } = line;
    if (events.length > 0) {
      line.events = [];
      await this.#line.deliver(app, events);
    } else {
      line.behind = false;
      await this.#line.catchUp(app);
    }
  }
}
