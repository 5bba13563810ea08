/** What the launcher can explain: the message is printed as it is, without a stack, and the exit status is 1. */
export class LaunchError extends Error {}
