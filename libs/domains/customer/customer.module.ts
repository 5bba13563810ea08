import { DomainModule } from '../../platform/runtime/domain-module.js';
import { companiesProjection } from './companies/companies.projection.js';
import { companyAggregate } from './companies/company.aggregate.js';
import { CompanyController } from './companies/company.controller.js';
import { customerAggregate } from './customer.aggregate.js';
import { CustomerController } from './customer.controller.js';
import { CustomerFieldsController } from './fields/customer-fields.controller.js';
import { customerFieldsProjection } from './fields/customer-fields.projection.js';
import { customerValuesProjection } from './fields/customer-values.projection.js';
import { OrganizationFieldsController } from './fields/organization-fields.controller.js';
import { identitiesProjection } from './identities/identities.projection.js';
import { IdentityController } from './identities/identity.controller.js';
import { MembershipController } from './memberships/membership.controller.js';
import { membershipsProjection } from './memberships/memberships.projection.js';
import { MergeController } from './merges/merge.controller.js';
import { customersProjection } from './projections/customers.projection.js';
import { newcomersProjection } from './reactions/newcomers.projection.js';
import { PlaceholderMaker } from './reactions/placeholder-maker.js';
import { customerRulesAggregate } from './rules/customer-rules.aggregate.js';
import { CustomerRulesController } from './rules/customer-rules.controller.js';
import { customerRulesProjection } from './rules/customer-rules.projection.js';
import { tenantAggregate } from './tenants/tenant.aggregate.js';
import { TenantController } from './tenants/tenant.controller.js';
import { tenantsProjection } from './tenants/tenants.projection.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/customer/migrations',
  projections: [
    customersProjection,
    identitiesProjection,
    membershipsProjection,
    companiesProjection,
    tenantsProjection,
    customerRulesProjection,
    customerFieldsProjection,
    customerValuesProjection,
    newcomersProjection,
  ],
  aggregates: [customerAggregate, companyAggregate, tenantAggregate, customerRulesAggregate],
  controllers: [
    CustomerController,
    IdentityController,
    MembershipController,
    MergeController,
    CustomerRulesController,
    CompanyController,
    TenantController,
    CustomerFieldsController,
    OrganizationFieldsController,
  ],
  providers: [PlaceholderMaker],
})
export class CustomerModule {}
