import { DomainModule } from '../../platform/runtime/domain-module.js';
import { CustomerController } from './customer.controller.js';
import { customersProjection } from './projections/customers.projection.js';

@DomainModule({
  service: 'conversation',
  migrations: 'libs/domains/customer/migrations',
  projections: [customersProjection],
  controllers: [CustomerController],
})
export class CustomerModule {}
