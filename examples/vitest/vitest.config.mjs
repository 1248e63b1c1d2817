import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*.vitest.mjs'],
    pool: 'forks', // a process for each file: sphere-iot starts threads of its own for apps with `isolate`
    testTimeout: 60_000,
    hookTimeout: 300_000, // the first build of an app
  },
});
