/** A generated file, its path relative to the repository. */
export interface Output {
  path: string;
  text: string;
}
