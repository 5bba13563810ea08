/** So many events that are read, or so many bytes of them, take one unit of the quota, beside what every request takes. */
export const EVENTS_A_UNIT = 100;
const BYTES_A_UNIT = 64 * 1024;

/** What one request reads of the log, a page at a time: what a page leaves of a unit counts with the next one. */
export class ReadMeter {
  private events = 0;
  private bytes = 0;
  private charged = 0;

  constructor(private readonly charge: ((units: number) => void) | undefined) {}

  /** Throws what the charge throws. */
  read(events: number, bytes: number): void {
    this.events += events;
    this.bytes += bytes;
    const units = Math.floor(Math.max(this.events / EVENTS_A_UNIT, this.bytes / BYTES_A_UNIT));
    if (units === this.charged) return;
    this.charge?.(units - this.charged);
    this.charged = units;
  }
}
