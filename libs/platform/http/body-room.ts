import { Problem } from '../kernel/problem.js';

const MIB = 1024 * 1024;
/** Of bodies that are on their way or worked on, in all and of one workspace; as objects they weigh more. */
const MOST = 512 * MIB;
const MOST_OF_ONE = 256 * MIB;

/** How much is sent to a process at once in bodies of rows, which may be large: nobody who sends slowly fills its memory. */
export class BodyRoom {
  private readonly taken = new Map<string, number>();
  private all = 0;

  /** Room for so many bytes. Throws `rate_limited`, and `unavailable` where others have it all. Whoever took it gives it back, once. */
  take(workspace: string, bytes: number): () => void {
    const theirs = this.taken.get(workspace) ?? 0;
    if (theirs + bytes > MOST_OF_ONE) {
      const detail = `This workspace sends ${MOST_OF_ONE / MIB} MiB at once already. Send fewer bodies beside each other.`;
      throw new Problem('rate_limited', detail, { retryAfter: 1 });
    }
    if (this.all + bytes > MOST) {
      throw new Problem('unavailable', 'This process takes no more bodies now. Try again.', { retryAfter: 1 });
    }
    this.change(workspace, bytes);
    return () => this.change(workspace, -bytes);
  }

  private change(workspace: string, bytes: number): void {
    this.all += bytes;
    const theirs = (this.taken.get(workspace) ?? 0) + bytes;
    if (theirs === 0) this.taken.delete(workspace);
    else this.taken.set(workspace, theirs);
  }
}
