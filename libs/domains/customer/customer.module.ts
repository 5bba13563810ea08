import { DomainModule } from '../../platform/runtime/domain-module.js';
import { customerAggregate } from './customer.aggregate.js';
import { CustomerController } from './customer.controller.js';
import { CustomerFieldsController } from './fields/customer-fields.controller.js';
import { customerFieldsProjection } from './fields/customer-fields.projection.js';
import { customerValuesProjection } from './fields/customer-values.projection.js';
import { customersProjection } from './projections/customers.projection.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/customer/migrations',
  projections: [customersProjection, customerFieldsProjection, customerValuesProjection],
  aggregates: [customerAggregate],
  controllers: [CustomerController, CustomerFieldsController],
})
export class CustomerModule {}
