import type { EventData } from '../../contract/generated/event-data.js';
import type { FieldObject } from '../kernel/fields/field-declaration.js';
import { count, flag, text } from '../projections/column.js';
import { currentRows } from '../projections/current-rows.js';
import type { ProjectedEvent, Projection } from '../projections/projection.js';
import type { CustomFieldEvent } from './custom-field.events.js';

interface Changes {
  version: number;
  name: string | null;
  described: boolean;
  description: string | null;
  requiring: boolean;
  required: boolean;
  defaulting: boolean;
  defaultValue: string | null;
  options: string | null;
  depending: boolean;
  dependsOn: string | null;
  archiving: boolean;
  archived: boolean;
}

const json = (value: object | null) => (value === null ? null : JSON.stringify(value));

/**
 * The `project` of a table of declarations, those of some objects only where they are given: a row a field, as its newest
 * version has it. The version of a field is the `seq` of its last event.
 */
export function declarationRows(table: string, objects?: readonly FieldObject[]): Projection['project'] {
  const project = projectAll(table);
  if (objects === undefined) return project;
  // What happens to a field of another object later finds no row to change.
  const isOurs = ({ type, data }: ProjectedEvent) =>
    type !== 'custom_field.created' ||
    (objects as readonly string[]).includes((data as EventData['custom_field.created']).object);
  return (events, tableName) => project(events.filter(isOurs), tableName);
}

function projectAll(table: string): Projection['project'] {
  return currentRows<CustomFieldEvent, 'custom_field.created', Changes>({
    table,
    key: 'id',
    created: {
      type: 'custom_field.created',
      columns: {
        object: text(({ data }) => data.object),
        key: text(({ data }) => data.key),
        kind: text(({ data }) => data.kind),
        name: text(({ data }) => data.name),
        description: text(({ data }) => data.description),
        personal: flag(({ data }) => data.personal),
        required: flag(({ data }) => data.required),
        default_value: text(({ data }) => data.default_value),
        options: text(({ data }) => json(data.options)),
        depends_on: text(({ data }) => json(data.depends_on)),
        reference_to: text(({ data }) => data.reference_to),
        version: count(({ meta }) => meta.seq),
      },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: {
        version: 0,
        name: null,
        described: false,
        description: null,
        requiring: false,
        required: false,
        defaulting: false,
        defaultValue: null,
        options: null,
        depending: false,
        dependsOn: null,
        archiving: false,
        archived: false,
      },
      fold(changes, event) {
        changes.version = event.meta.seq;
        switch (event.type) {
          case 'custom_field.renamed':
            changes.name = event.data.name;
            return;
          case 'custom_field.description_changed':
            changes.described = true;
            changes.description = event.data.description;
            return;
          case 'custom_field.required_changed':
            changes.requiring = true;
            changes.required = event.data.required;
            return;
          case 'custom_field.default_changed':
            changes.defaulting = true;
            changes.defaultValue = event.data.default_value;
            return;
          case 'custom_field.options_changed':
            changes.options = json(event.data.options);
            return;
          case 'custom_field.dependency_changed':
            changes.depending = true;
            changes.dependsOn = json(event.data.depends_on);
            return;
          case 'custom_field.archived':
          case 'custom_field.restored':
            changes.archiving = true;
            changes.archived = event.type === 'custom_field.archived';
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        version: count(({ version }) => version),
        name: text(({ name }) => name),
        described: flag(({ described }) => described),
        description: text(({ description }) => description),
        requiring: flag(({ requiring }) => requiring),
        required: flag(({ required }) => required),
        defaulting: flag(({ defaulting }) => defaulting),
        default_value: text(({ defaultValue }) => defaultValue),
        options: text(({ options }) => options),
        depending: flag(({ depending }) => depending),
        depends_on: text(({ dependsOn }) => dependsOn),
        archiving: flag(({ archiving }) => archiving),
        archived: flag(({ archived }) => archived),
      },
      set: {
        version: 'e.version',
        name: 'coalesce(e.name, r.name)',
        description: 'case when e.described then e.description else r.description end',
        required: 'case when e.requiring then e.required else r.required end',
        default_value: 'case when e.defaulting then e.default_value else r.default_value end',
        options: 'coalesce(e.options, r.options)',
        depends_on: 'case when e.depending then e.depends_on else r.depends_on end',
        archived: 'case when e.archiving then e.archived else r.archived end',
        updated_at: 'e.at',
      },
    },
  });
}
