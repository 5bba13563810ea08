/** For whom a ticket was made. */
export interface TicketHolder {
  workspace: string;
  /** The id of the key that it was made with. */
  key: string;
}

/** Takes a ticket by its hash, SHA-256 in hex: it is good once, and not for long. Null for one that is not good. */
export type TakeTicket = (hash: string) => Promise<TicketHolder | null>;

/** Where tickets are taken in place of keys. The domain that makes them says how; where it does not run, none is good. */
export class TicketDesk {
  private takeOne: TakeTicket = async () => null;

  opensWith(take: TakeTicket): void {
    this.takeOne = take;
  }

  take(hash: string): Promise<TicketHolder | null> {
    return this.takeOne(hash);
  }
}
