import { count, flag, text, time } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { EndpointEvent } from './endpoint.events.js';

/** What happens to its lanes is no part of what it is. */
type SettingEvent = Exclude<EndpointEvent, { type: `webhook_endpoint.lane_${string}` }>;

/** Null, and false, where nothing is said of it. */
interface Changes {
  url: string | null;
  described: boolean;
  description: string | null;
  switched: boolean;
  disabledReason: string | null;
  deleted: boolean;
  types: string | null;
  filtered: boolean;
  filter: string | null;
  pin: string | null;
  concurrency: number | null;
  rateLimit: number | null;
  retrySchedule: string | null;
  signatures: string | null;
  bodySignatureHeader: string | null;
  headerNames: string | null;
  certified: boolean;
  clientCertificate: string | null;
  sealed: string | null;
  rotated: boolean;
  previousUntil: number | null;
}

const NOTHING: Changes = {
  url: null,
  described: false,
  description: null,
  switched: false,
  disabledReason: null,
  deleted: false,
  types: null,
  filtered: false,
  filter: null,
  pin: null,
  concurrency: null,
  rateLimit: null,
  retrySchedule: null,
  signatures: null,
  bodySignatureHeader: null,
  headerNames: null,
  certified: false,
  clientCertificate: null,
  sealed: null,
  rotated: false,
  previousUntil: null,
};

/** Neither a word nor the name of a header has a comma. */
const list = (items: readonly (string | number)[]) => items.join(',');
const listed = (column: string) => `string_to_array(${column}, ',')`;
const either = (is: string, column: string) => `case when e.${is} then e.${column} else r.${column} end`;

/** Endpoints as they are now, kept in the append's own transaction. */
export const endpointsProjection: Projection = {
  name: 'webhook_endpoints',
  service: 'webhooks',
  inline: true,
  personal: false,
  tables: ['webhook_endpoints'],
  definition: ['libs/domains/webhooks/migrations/0001_webhook_endpoints.sql'],
  types: [
    'webhook_endpoint.created',
    'webhook_endpoint.url_changed',
    'webhook_endpoint.description_changed',
    'webhook_endpoint.types_changed',
    'webhook_endpoint.filter_changed',
    'webhook_endpoint.pin_changed',
    'webhook_endpoint.limits_changed',
    'webhook_endpoint.retry_schedule_changed',
    'webhook_endpoint.signatures_changed',
    'webhook_endpoint.headers_changed',
    'webhook_endpoint.client_certificate_changed',
    'webhook_endpoint.secret_rotated',
    'webhook_endpoint.disabled',
    'webhook_endpoint.enabled',
    'webhook_endpoint.deleted',
  ],
  project: currentRows<SettingEvent, 'webhook_endpoint.created', Changes>({
    table: 'webhook_endpoints',
    key: 'id',
    created: {
      type: 'webhook_endpoint.created',
      columns: {
        url: text(({ data }) => data.url),
        description: text(({ data }) => data.description),
        types: text(({ data }) => list(data.types)),
        filter: text(({ data }) => data.filter),
        pin: text(({ data }) => data.pin),
        ordered: flag(({ data }) => data.ordered),
        concurrency: count(({ data }) => data.concurrency),
        rate_limit: count(({ data }) => data.rate_limit),
        retry_schedule: text(({ data }) => list(data.retry_schedule)),
        signatures: text(({ data }) => list(data.signatures)),
        body_signature_header: text(({ data }) => data.body_signature_header),
        header_names: text(({ data }) => list(data.header_names)),
        client_certificate_sha256: text(({ data }) => data.client_certificate_sha256),
        sealed: text(({ data }) => data.sealed.toString('base64')),
      },
      set: {
        types: listed('e.types'),
        retry_schedule: `${listed('e.retry_schedule')}::integer[]`,
        signatures: listed('e.signatures'),
        header_names: listed('e.header_names'),
        created_at: 'e.at',
        updated_at: 'e.at',
      },
    },
    changed: {
      nothing: NOTHING,
      fold(changes, event) {
        switch (event.type) {
          case 'webhook_endpoint.url_changed':
            changes.url = event.data.url;
            return;
          case 'webhook_endpoint.description_changed':
            changes.described = true;
            changes.description = event.data.description;
            return;
          case 'webhook_endpoint.types_changed':
            changes.types = list(event.data.types);
            return;
          case 'webhook_endpoint.filter_changed':
            changes.filtered = true;
            changes.filter = event.data.filter;
            return;
          case 'webhook_endpoint.pin_changed':
            changes.pin = event.data.pin;
            return;
          case 'webhook_endpoint.limits_changed':
            changes.concurrency = event.data.concurrency;
            changes.rateLimit = event.data.rate_limit;
            return;
          case 'webhook_endpoint.retry_schedule_changed':
            changes.retrySchedule = list(event.data.retry_schedule);
            return;
          case 'webhook_endpoint.signatures_changed':
            changes.signatures = list(event.data.signatures);
            changes.bodySignatureHeader = event.data.body_signature_header;
            return;
          case 'webhook_endpoint.headers_changed':
            changes.headerNames = list(event.data.header_names);
            changes.sealed = event.data.sealed.toString('base64');
            return;
          case 'webhook_endpoint.client_certificate_changed':
            changes.certified = true;
            changes.clientCertificate = event.data.client_certificate_sha256;
            changes.sealed = event.data.sealed.toString('base64');
            return;
          case 'webhook_endpoint.secret_rotated':
            changes.rotated = true;
            changes.previousUntil = event.data.previous_until;
            changes.sealed = event.data.sealed.toString('base64');
            return;
          case 'webhook_endpoint.disabled':
          case 'webhook_endpoint.enabled':
            changes.switched = true;
            changes.disabledReason = event.type === 'webhook_endpoint.disabled' ? event.data.reason : null;
            return;
          case 'webhook_endpoint.deleted':
            changes.deleted = true;
            changes.sealed = '';
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        url: text(({ url }) => url),
        described: flag(({ described }) => described),
        description: text(({ description }) => description),
        switched: flag(({ switched }) => switched),
        disabled_reason: text(({ disabledReason }) => disabledReason),
        deleted: flag(({ deleted }) => deleted),
        types: text(({ types }) => types),
        filtered: flag(({ filtered }) => filtered),
        filter: text(({ filter }) => filter),
        pin: text(({ pin }) => pin),
        concurrency: count(({ concurrency }) => concurrency),
        rate_limit: count(({ rateLimit }) => rateLimit),
        retry_schedule: text(({ retrySchedule }) => retrySchedule),
        signatures: text(({ signatures }) => signatures),
        body_signature_header: text(({ bodySignatureHeader }) => bodySignatureHeader),
        header_names: text(({ headerNames }) => headerNames),
        certified: flag(({ certified }) => certified),
        client_certificate_sha256: text(({ clientCertificate }) => clientCertificate),
        sealed: text(({ sealed }) => sealed),
        rotated: flag(({ rotated }) => rotated),
        previous_until: time(({ previousUntil }) => previousUntil),
      },
      set: {
        url: 'coalesce(e.url, r.url)',
        description: either('described', 'description'),
        disabled_reason: either('switched', 'disabled_reason'),
        deleted: 'r.deleted or e.deleted',
        types: `coalesce(${listed('e.types')}, r.types)`,
        filter: either('filtered', 'filter'),
        pin: 'coalesce(e.pin, r.pin)',
        concurrency: 'coalesce(e.concurrency, r.concurrency)',
        rate_limit: 'case when e.concurrency is null then r.rate_limit else e.rate_limit end',
        retry_schedule: `coalesce(${listed('e.retry_schedule')}::integer[], r.retry_schedule)`,
        signatures: `coalesce(${listed('e.signatures')}, r.signatures)`,
        body_signature_header:
          'case when e.signatures is null then r.body_signature_header else e.body_signature_header end',
        header_names: `coalesce(${listed('e.header_names')}, r.header_names)`,
        client_certificate_sha256: either('certified', 'client_certificate_sha256'),
        sealed: 'coalesce(e.sealed, r.sealed)',
        previous_until: either('rotated', 'previous_until'),
        updated_at: 'e.at',
      },
    },
  }),
};
