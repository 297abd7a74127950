import { existsSync, readFileSync } from 'node:fs';
import { run } from './run.mjs';

/** What Debian asks before it starts the service of a package it just installed. Exit code 101: forbidden. */
export const policyFile = '/usr/sbin/policy-rc.d';

const mark = 'Put here by Warren while it installs packages. It can be deleted.';

/**
 * Runs `work` while no package may start a service. A policy file that is there stays as it is; ours is removed afterwards,
 * however `work` ends, and one that a killed run left behind is removed as well.
 * @param {string[]} prefix what to put before a command that needs root
 */
export async function withoutServiceStarts(prefix, work, file = policyFile) {
  const ours = !existsSync(file) || isOurs(file);
  try {
    if (ours)
      await run([...prefix, 'sh', '-c', `printf '#!/bin/sh\\n# ${mark}\\nexit 101\\n' > ${file} && chmod 755 ${file}`]);
    return await work();
  } finally {
    if (ours) await run([...prefix, 'rm', '-f', file]);
  }
}

function isOurs(file) {
  try {
    return readFileSync(file, 'utf8').includes(mark);
  } catch {
    return false;
  }
}
