/**
 * Loaded before AWS's runtime client, in the process that it becomes: stands in for its one native file, which would ask Lambda
 * for the first event. Whoever asks is ready: that is told on descriptor 3, and the process ends. Plain JavaScript, because
 * to strip types would take as long as an empty function does.
 */
const { writeSync } = require('node:fs');
const Module = require('node:module');

const client = {
  next() {
    const readyMs = performance.now();
    writeSync(3, JSON.stringify({ readyMs, files: Object.keys(require.cache) }));
    process.exit(0);
  },
};

const load = Module._load;
Module._load = (name, ...rest) => (name.endsWith('rapid-client.node') ? client : load(name, ...rest));
