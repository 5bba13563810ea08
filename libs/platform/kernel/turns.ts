interface Queue {
  held: number;
  waiting: (() => void)[];
}

/**
 * Turns of what is dear, so many at a time and so many of them for one workspace. Who waits holds nothing. Workspaces are
 * served in turn, the first who came of each, and a workspace that is slow leaves turns to the others.
 */
export class Turns {
  private readonly queues = new Map<string, Queue>();
  private held = 0;

  constructor(
    private readonly most: number,
    private readonly mostOfOne: number,
  ) {}

  /** Resolves when it is its turn; what it resolves with ends the turn. */
  async take(workspace: string): Promise<() => void> {
    const queue = this.queues.get(workspace) ?? { held: 0, waiting: [] };
    this.queues.set(workspace, queue);
    await new Promise<void>((resolve) => {
      queue.waiting.push(resolve);
      this.next();
    });
    return () => {
      this.held--;
      queue.held--;
      if (queue.held === 0 && queue.waiting.length === 0) this.queues.delete(workspace);
      this.next();
    };
  }

  private next(): void {
    while (this.held < this.most) {
      const found = [...this.queues].find(([, { held, waiting }]) => waiting.length > 0 && held < this.mostOfOne);
      if (found === undefined) return;
      const [workspace, queue] = found;
      // Behind the others, which are served first then.
      this.queues.delete(workspace);
      this.queues.set(workspace, queue);
      this.held++;
      queue.held++;
      queue.waiting.shift()!();
    }
  }
}
