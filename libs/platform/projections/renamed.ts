import { text } from './column.js';

export interface Renaming {
  name: string | null;
}

/** `changed` of `currentRows` for a stream on which, after the event that makes the row, only its `name` changes. */
export const renamed = {
  nothing: { name: null },
  fold(changes: Renaming, { data }: { data: { name: string } }): void {
    changes.name = data.name;
  },
  columns: { name: text(({ name }: Renaming) => name) },
  set: { name: 'coalesce(e.name, r.name)', updated_at: 'e.at' },
};
