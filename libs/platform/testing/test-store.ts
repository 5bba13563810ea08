/** The id of the store that the tests' records are of. */
export const TEST_STORE = '5'.repeat(32);

export const testStore = async (): Promise<string> => TEST_STORE;
