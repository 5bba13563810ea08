/** One thing that a new version of a schema changes. */
export interface EventTypeChange {
  /** A JSON Pointer into the new schema; into the one before, where it is of what is not there any more. */
  place: string;
  /** Whether data that was right may be wrong by it. What cannot be judged counts as that. */
  breaks: boolean;
  reason: string;
}
