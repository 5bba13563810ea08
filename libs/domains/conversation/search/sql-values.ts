/** The parameters of a statement that is put together: nothing of a request stands in its text. */
export class SqlValues {
  readonly values: unknown[] = [];

  /** Its placeholder, such as `$3`. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
