/** An answer of the registry that is not the one hoped for: `{error_code, message}` with Confluent's codes. */
export class RegistryError extends Error {
  override name = 'RegistryError';

  /** `code` is the HTTP status, or the status and two digits more. */
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }

  get status(): number {
    return this.code < 1000 ? this.code : Math.floor(this.code / 100);
  }
}

/**
 * The codes and texts of Confluent's `Errors.java`, which clients compare with:
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export const refused = {
  subjectNotFound: (subject: string) => new RegistryError(40401, `Subject '${subject}' not found.`),
  versionNotFound: (version: number | string) => new RegistryError(40402, `Version ${version} not found.`),
  schemaNotFound: (id?: number) =>
    new RegistryError(40403, id === undefined ? 'Schema not found' : `Schema ${id} not found`),
  subjectSoftDeleted: (subject: string) =>
    new RegistryError(40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    new RegistryError(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: number) =>
    new RegistryError(
      40406,
      `Subject '${subject}' Version ${version} was soft deleted. Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    new RegistryError(
      40407,
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    ),
  noLevelOfItsOwn: (subject: string) =>
    new RegistryError(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  noModeOfItsOwn: (subject: string) =>
    new RegistryError(40409, `Subject '${subject}' does not have subject-level mode configured`),
  incompatible: (subject: string, messages: readonly string[]) =>
    new RegistryError(
      409,
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${messages.join(', ')}]`,
    ),
  invalidSchema: (why: string) => new RegistryError(42201, `Invalid schema: ${why}`),
  invalidVersion: (version: string) =>
    new RegistryError(
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  invalidLevel: () =>
    new RegistryError(
      42203,
      'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
    ),
  invalidMode: () => new RegistryError(42204, 'Invalid mode. Valid values are READWRITE, READONLY, and IMPORT'),
  notPermitted: (why: string) => new RegistryError(42205, why),
  referenced: (what: string) => new RegistryError(42206, `One or more references exist to the schema ${what}.`),
  invalidSubject: (subject: string) => new RegistryError(42208, `The specified subject '${subject}' is not a valid.`),
  badRequest: (why: string) => new RegistryError(400, why),
  unprocessable: (why: string) => new RegistryError(422, why),
};
