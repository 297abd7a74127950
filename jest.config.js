export default {
  // The end of a worker that has grown is cheaper than a machine that swaps.
  workerIdleMemoryLimit: '1GB',
  // Many tests run commands as children: a busy machine is no failure of theirs.
  testTimeout: 20_000,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
};
