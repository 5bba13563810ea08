import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One file of Kafka that holds a word. */
export interface Finding {
  word: string;
  /** Relative to the folder. */
  file: string;
}

/**
 * Where words stand in the files that a broker keeps of its topics whose names begin so: segments, indexes, and what it
 * remembers of producers. What was acknowledged is in the file, whether it was flushed or not. Throws where there is no
 * such topic, since nothing would be found there whatever was sent.
 */
export function findInSegments(folder: string, topicPrefix: string, words: readonly string[]): Finding[] {
  const partitions = readdirSync(folder).filter((name) => name.startsWith(topicPrefix));
  if (partitions.length === 0) throw new Error(`${folder} has no partition of a topic ${topicPrefix}….`);
  return partitions.flatMap((partition) =>
    readdirSync(join(folder, partition)).flatMap((name) => {
      const bytes = contentOf(join(folder, partition, name));
      const file = join(partition, name);
      return words.filter((word) => bytes.includes(word)).map((word) => ({ word, file }));
    }),
  );
}

/** Nothing for a file that Kafka has renamed or removed meanwhile. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
