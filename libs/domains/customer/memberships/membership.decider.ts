import { type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { ChangeMembership } from '../customer.commands.js';
import type { MembershipEvent } from '../customer.events.js';
import type { CustomerState } from '../customer.state.js';

/** Of companies, and of tenants. */
export const MOST_MEMBERSHIPS = 100;

type Memberships = Pick<CustomerState, 'companies' | 'tenants'>;

export function memberships(
  command: ChangeMembership,
  { companies, tenants }: Memberships,
): MembershipEvent[] | Refusal {
  const { type, of } = command;
  switch (type) {
    case 'join_company':
      return joining(of, companies) ?? [{ type: 'customer.company_joined', data: { company_id: of } }];
    case 'leave_company':
      return leaving(of, companies) ?? [{ type: 'customer.company_left', data: { company_id: of } }];
    case 'join_tenant':
      return joining(of, tenants) ?? [{ type: 'customer.tenant_joined', data: { tenant_id: of } }];
    case 'leave_tenant':
      return leaving(of, tenants) ?? [{ type: 'customer.tenant_left', data: { tenant_id: of } }];
    default:
      return type satisfies never;
  }
}

export function membershipsAfter({ companies, tenants }: Memberships, event: MembershipEvent): Memberships {
  switch (event.type) {
    case 'customer.company_joined':
      return { companies: [...companies, event.data.company_id], tenants };
    case 'customer.company_left':
      return { companies: companies.filter((id) => id !== event.data.company_id), tenants };
    case 'customer.tenant_joined':
      return { companies, tenants: [...tenants, event.data.tenant_id] };
    case 'customer.tenant_left':
      return { companies, tenants: tenants.filter((id) => id !== event.data.tenant_id) };
    default:
      return event satisfies never;
  }
}

function joining(id: string, present: readonly string[]): Refusal | null {
  if (present.includes(id)) return refuse('already_member', `The customer belongs to ${id} already.`);
  if (present.length < MOST_MEMBERSHIPS) return null;
  return refuse('too_many', `A customer belongs to ${MOST_MEMBERSHIPS} companies and as many tenants at most.`);
}

function leaving(id: string, present: readonly string[]): Refusal | null {
  return present.includes(id) ? null : refuse('not_a_member', `The customer does not belong to ${id}.`);
}
