/**
 * unassigned → seeking (assigned, the cursor is asked for) → following
 * following ⇄ unavailable (the database or the registry is away) ⇄ failing (another error; tried again)
 * any → diverged (the cursor is beyond the partition's end: nothing is applied before a rebuild)
 */
export type PartitionState = 'unassigned' | 'seeking' | 'following' | 'unavailable' | 'failing' | 'diverged';

/** Where one subscription is on one partition: of one that is not here, as its row says. */
export interface PartitionStatus {
  subscription: string;
  /** `heddle.conversation/7`. */
  partition: string;
  state: PartitionState;
  /** All up to this position has been dealt with; null where the cursor is not known here. */
  position: number | null;
  /** The partition's last position when it was last looked at. */
  end: number;
  /** Positions between the two; 0 where the position is not known. */
  lag: number;
  /** The last error, while it stands. */
  error: string | null;
}
