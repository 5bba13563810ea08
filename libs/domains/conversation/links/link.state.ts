/** What a conversation is tied to, as its own stream has it; links that others hold to it are not here. */
export interface Ties {
  /** `related conv_…`. */
  links: readonly string[];
  references: readonly string[];
  mergedInto: string | null;
}
