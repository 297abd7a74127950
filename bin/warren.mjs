#!/usr/bin/env node
// Plain JavaScript that also runs on an old Node.js, to find one that can run the rest.
import { join } from 'node:path';
import { launch } from './setup/launch.mjs';
import { findNode, noNodeMessage, packageRoot, runsOnRecentNode } from './setup/node.mjs';

const program = join(packageRoot, 'cli', 'main.ts');

if (runsOnRecentNode()) {
  await import(program);
} else {
  const node = findNode();
  if (node) {
    process.exitCode = await launch(node, [program, ...process.argv.slice(2)]);
  } else {
    console.error(noNodeMessage());
    process.exitCode = 1;
  }
}
