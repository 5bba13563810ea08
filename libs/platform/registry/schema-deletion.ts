import { refused } from './registry-error.js';
import {
  mustBeWritable,
  mustNotBeReferenced,
  pick,
  type Query,
  remove,
  type VersionId,
  versionsOf,
} from './registry-tables.js';

/** Returns the versions that are gone. Alone in the registry, in one transaction, as is `deleteVersion`. */
export async function deleteSubject(query: Query, subject: string, permanent: boolean): Promise<number[]> {
  await mustBeWritable(query, subject);
  const versions = await versionsOf(query, subject, true);
  if (versions.length === 0) throw refused.subjectNotFound(subject);
  const live = versions.filter(({ deleted }) => !deleted);
  if (permanent && live.length > 0) throw refused.subjectNotSoftDeleted(subject);
  if (!permanent && live.length === 0) throw refused.subjectSoftDeleted(subject);
  const gone = permanent ? versions : live;
  await mustNotBeReferenced(query, gone, permanent);
  await remove(query, gone, permanent);
  if (permanent) await query({ text: 'delete from registry.settings where subject = $1', values: [subject] });
  return gone.map(({ version }) => version);
}

export async function deleteVersion(
  query: Query,
  subject: string,
  versionId: VersionId,
  permanent: boolean,
): Promise<number> {
  await mustBeWritable(query, subject);
  const versions = await versionsOf(query, subject, true);
  const one = pick(subject, versionId, versions, true);
  if (permanent && !one.deleted) throw refused.versionNotSoftDeleted(subject, one.version);
  if (!permanent && one.deleted) throw refused.versionSoftDeleted(subject, one.version);
  await mustNotBeReferenced(query, [one], permanent);
  await remove(query, [one], permanent);
  return one.version;
}
