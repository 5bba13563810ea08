import { DomainModule } from '../../platform/runtime/domain-module.js';
import { customerAggregate } from './customer.aggregate.js';
import { CustomerController } from './customer.controller.js';
import { customersProjection } from './projections/customers.projection.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/customer/migrations',
  projections: [customersProjection],
  aggregates: [customerAggregate],
  controllers: [CustomerController],
})
export class CustomerModule {}
