/** Things that are made once, also for those who ask meanwhile. What was not asked for longest is forgotten first. */
export class Remembered {
  private readonly made = new Map<string, Promise<string>>();

  /** Remembers `most` things. */
  constructor(private readonly most: number) {}

  get size(): number {
    return this.made.size;
  }

  /** What failed is made again when it is asked for again. */
  of(key: string, make: () => Promise<string>): Promise<string> {
    const known = this.made.get(key);
    if (known !== undefined) {
      this.made.delete(key);
      this.made.set(key, known);
      return known;
    }
    const promise = make();
    this.made.set(key, promise);
    promise.catch(() => {
      if (this.made.get(key) === promise) this.made.delete(key);
    });
    if (this.made.size > this.most) this.made.delete(this.made.keys().next().value!);
    return promise;
  }
}
