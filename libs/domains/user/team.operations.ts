import { z } from 'zod';
import {
  externalIdField,
  externalIdPageQuery,
  idField,
  keyed,
  pageOf,
  textField,
  timeField,
} from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';
import { upsertOf } from '../../platform/operations/upsert.js';

const nameField = textField(1, 200);
const memberField = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('user'), id: idField('usr') }),
    z.strictObject({ type: z.literal('ai_agent'), id: idField('aia') }),
  ])
  .meta({ id: 'TeamMember', description: 'Who is in a team.' });

const teamFields = {
  id: idField('team'),
  external_id: z.string(),
  name: z.string(),
  created_at: timeField,
  updated_at: timeField,
};
const teamResource = z.strictObject(teamFields).meta({ id: 'Team' });
const teamWithMembers = z
  .strictObject({ ...teamFields, members: z.array(memberField) })
  .meta({ id: 'TeamWithMembers' });

const byId = z.strictObject({ id: idField('team') });
const exampleParams = { id: 'team_0198f2c0a1b27c3d8e4f5a6b7c8d9e05' };
const exampleMember = { member: { type: 'user', id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' } };

const changing = {
  scopes: ['users:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: byId,
  responses: {
    200: {
      description: 'The team is as asked for.',
      schema: z.strictObject({ id: idField('team') }).meta({ id: 'ChangedTeam' }),
    },
  },
} as const;

const changingMembers = {
  ...changing,
  method: 'POST',
  body: z.strictObject({ member: memberField, ...keyed }),
  example: { params: exampleParams, body: exampleMember },
} as const;

export const upsertTeam = defineOperation({
  ...upsertOf('team', 'UpsertedTeam'),
  name: 'teams.upsert',
  path: '/v1/teams',
  summary: 'Make a team known, or bring what is known up to date',
  scopes: ['users:write'],
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: nameField,
    ...keyed,
  }),
  example: { body: { external_id: 'nights', name: 'Night shift' } },
});

export const updateTeam = defineOperation({
  ...changing,
  name: 'teams.update',
  method: 'PATCH',
  path: '/v1/teams/{id}',
  summary: 'Rename a team',
  description: 'A JSON Merge Patch (RFC 7396): what it leaves out stays.',
  consumes: 'application/merge-patch+json',
  body: z.strictObject({ name: nameField.optional(), ...keyed }),
  example: { params: exampleParams, body: { name: 'Nights and weekends' } },
});

export const addTeamMember = defineOperation({
  ...changingMembers,
  name: 'teams.add_member',
  path: '/v1/teams/{id}/add_member',
  summary: 'Take a user or an AI agent into a team',
  problems: ['unknown_reference', 'already_member', 'team_full'],
});

export const removeTeamMember = defineOperation({
  ...changingMembers,
  name: 'teams.remove_member',
  path: '/v1/teams/{id}/remove_member',
  summary: 'Let a user or an AI agent leave a team',
  problems: ['not_a_member'],
});

export const getTeam = defineOperation({
  name: 'teams.get',
  method: 'GET',
  path: '/v1/teams/{id}',
  summary: 'Read a team, with its members',
  scopes: ['users:read'],
  changes: false,
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The team.', schema: teamWithMembers } },
  example: { params: exampleParams },
});

export const listTeams = defineOperation({
  name: 'teams.list',
  method: 'GET',
  path: '/v1/teams',
  summary: 'List teams, the last made here first',
  scopes: ['users:read'],
  changes: false,
  query: externalIdPageQuery,
  responses: { 200: { description: 'A page of teams.', schema: pageOf(teamResource) } },
  example: { query: { external_id: 'nights' } },
});
