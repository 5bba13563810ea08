import { EventOpener } from '../projections/event-opener.js';
import type { Frozen } from './engine-under-test.js';

/** Opens events for a member that can be made to stand still between reading a page and writing anything. */
export class HoldingOpener extends EventOpener {
  private hold: { until: Promise<void>; still: () => void; thaw: () => void } | null = null;

  override async open(...of: Parameters<EventOpener['open']>): ReturnType<EventOpener['open']> {
    const opened = await super.open(...of);
    const { hold } = this;
    if (hold !== null) {
      hold.still();
      await hold.until;
    }
    return opened;
  }

  freeze(): Frozen {
    const still = Promise.withResolvers<void>();
    const until = Promise.withResolvers<void>();
    const thaw = () => {
      this.hold = null;
      until.resolve();
    };
    this.hold = { until: until.promise, still: still.resolve, thaw };
    return { still: still.promise, thaw };
  }

  thaw(): void {
    this.hold?.thaw();
  }
}
