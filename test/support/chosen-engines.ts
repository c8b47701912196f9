export type EngineName = 'sqlite' | 'postgres';

const known: readonly EngineName[] = ['sqlite', 'postgres'];

/** The engines that every suite runs on. Set MUSTER_TEST_ENGINES=sqlite to choose. */
export const engines: readonly EngineName[] = process.env.MUSTER_TEST_ENGINES
  ? known.filter((name) => process.env.MUSTER_TEST_ENGINES!.split(',').includes(name))
  : known;
