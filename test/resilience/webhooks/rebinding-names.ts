import { promises } from 'node:dns';

/** Preloaded into a server (`NODE_OPTIONS=--import`): names are asked of a server of the test, as if it were the system's own. */
const SERVER = process.env.HEDDLE_TEST_NAME_SERVER!;

promises.Resolver = class extends promises.Resolver {
  constructor(...options: ConstructorParameters<typeof promises.Resolver>) {
    super(...options);
    this.setServers([SERVER]);
  }
};
