/** Why nothing may be sent to a URL by where its host is, such as `is an address of a private network`; null where it may. */
export type TargetCheck = (url: string) => Promise<string | null>;

/** The token under which it is injected. */
export const TARGET_CHECK = 'check of webhook targets';
