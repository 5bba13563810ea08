/**
 * What was used lately, by name. Two generations: what was not used while the younger one filled up goes. Holds `most`
 * entries at least, and twice as many at most.
 */
export class Generations<Value> {
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();

  constructor(private readonly most: number) {}

  get(name: string): Value | undefined {
    const value = this.young.get(name);
    if (value !== undefined) return value;
    const survivor = this.old.get(name);
    if (survivor !== undefined) this.set(name, survivor);
    return survivor;
  }

  set(name: string, value: Value): void {
    if (this.young.size >= this.most && !this.young.has(name)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(name, value);
  }

  delete(name: string): void {
    this.young.delete(name);
    this.old.delete(name);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
