/** The person was erased: there is a tombstone where their key was, and nobody makes them another one. */
export class PersonErasedError extends Error {
  constructor(readonly subject: string) {
    super(`${subject} was erased: the key is destroyed, and no other is made.`);
    this.name = 'PersonErasedError';
  }
}

/** The workspace was erased: its key is destroyed, and with it every key that it wrapped. */
export class WorkspaceErasedError extends Error {
  constructor(readonly workspace: string) {
    super(`The workspace ${workspace} was erased: its key is destroyed, and no other is made.`);
    this.name = 'WorkspaceErasedError';
  }
}

/** A stored key cannot be opened with its workspace's key: the row was altered, or the two are not of one backup. */
export class BrokenKeyError extends Error {
  constructor(id: string) {
    super(`The data key ${id} in keys.data_keys does not open with its workspace's key. Restore both from one backup.`);
    this.name = 'BrokenKeyError';
  }
}
