/** Checking a datum would take more work than it may. */
export class TooCostly extends Error {
  override name = 'TooCostly';
}

/** What the checks of a batch may cost together, in steps: what is left of it. */
export interface Allowance {
  steps: number;
}

/**
 * What one check may cost, in steps of about a tenth of a microsecond. Schemas and data are strangers', and small ones can ask for
 * years of work: two references to one definition, thirty times over, are 2^30 looks at one value.
 */
export class WorkBudget {
  private left = 0;
  private isLent = false;

  /** Works with so many steps, or with what the allowance has left where that is less, and takes from it what was used. */
  within<Result>(steps: number, allowance: Allowance | undefined, work: () => Result): Result {
    const lent = Math.max(0, Math.min(steps, allowance?.steps ?? steps));
    this.isLent = lent < steps;
    this.left = lent;
    try {
      return work();
    } finally {
      if (allowance !== undefined) allowance.steps -= lent - this.left;
    }
  }

  /** Throws TooCostly. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left >= 0) return;
    const all = this.isLent ? ', with all else that was sent at once: send less' : '';
    throw new TooCostly(`takes too long to check by its schema${all}`);
  }
}
