/** The command could not do what it was asked for: one line, or a few, for a person. Exit status 1. */
export class Failure extends Error {
  override name = 'Failure';
}
