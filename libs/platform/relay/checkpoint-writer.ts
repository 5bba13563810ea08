import { partitionName } from '../kafka/topics.js';
import type { PartitionMark, Turn } from './turn.js';

/**
 * Writes checkpoints beside the sends: one write is under way at a time, and what comes meanwhile is written as one.
 * That a checkpoint is late costs a longer look at a take-over, and nothing else.
 */
export class CheckpointWriter {
  private position = 0;
  private readonly marks = new Map<string, PartitionMark>();
  private isDue = false;
  private writing: Promise<void> | null = null;
  private failure: { error: unknown } | null = null;

  constructor(private readonly turn: Pick<Turn, 'move'>) {}

  /** Throws what an earlier write failed with. */
  note(position: number, marks: Iterable<PartitionMark>): void {
    if (this.failure !== null) throw this.failure.error;
    this.position = position;
    for (const mark of marks) this.marks.set(partitionName(mark), mark);
    this.isDue = true;
    this.writing ??= this.write();
  }

  /** Resolves when everything that was noted is written. */
  async flush(): Promise<void> {
    await this.writing;
    if (this.failure !== null) throw this.failure.error;
  }

  private async write(): Promise<void> {
    try {
      while (this.isDue) {
        const { position } = this;
        const marks = [...this.marks.values()];
        this.marks.clear();
        this.isDue = false;
        await this.turn.move(position, marks);
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.writing = null;
    }
  }
}
