const CUSTOMERS = 1000;
const TEXT = 'Two cones of linen 16/2, paid by card; sent with the parcel of Tuesday. '.repeat(2).slice(0, 120);

/** What both are given: a run's activities in batches, each under an id of its own, of 1,000 customers in turns. */
export class ActivityBatches {
  private readonly run = crypto.randomUUID();
  private made = 0;

  constructor(readonly rows: number) {}

  /** The next batch as the body of a request. */
  body(): string {
    return `{"events":[${this.next((id, customer, at) => `{"id":"${id}","type":"invoice.paid","source":"billing","subject":{"customer":{"external_id":"${customer}"}},"occurred_at":"${at}","data":${dataOf(id)}}`).join(',')}]}`;
  }

  /** The next batch as the text of a COPY. */
  copy(): string {
    return `${this.next((id, customer, at) => `${id}\tinvoice.paid\tbilling\t${customer}\t${at}\t${dataOf(id)}`).join('\n')}\n`;
  }

  private next(row: (id: string, customer: string, at: string) => string): string[] {
    const at = new Date().toISOString();
    return Array.from({ length: this.rows }, () => {
      const n = this.made++;
      return row(`${this.run}-${n}`, `shop-${n % CUSTOMERS}`, at);
    });
  }
}

function dataOf(id: string): string {
  return `{"invoice":"${id}","amount":4900,"currency":"EUR","text":"${TEXT}"}`;
}
