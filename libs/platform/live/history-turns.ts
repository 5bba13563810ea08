/** Pages of history that a process holds for its readers at a time, and those of them for one workspace. */
const MOST = 50;
const MOST_OF_ONE = 10;

interface Queue {
  held: number;
  waiting: (() => void)[];
}

/**
 * Turns of reading a page of history and giving it. Who waits holds nothing. Workspaces are served in turn, the first who
 * came of each, and a workspace whose readers are slow leaves turns to the others.
 */
export class HistoryTurns {
  private readonly queues = new Map<string, Queue>();
  private held = 0;

  constructor(
    private readonly most = MOST,
    private readonly mostOfOne = MOST_OF_ONE,
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
