#!/usr/bin/env node
// Plain JavaScript that also runs on an old Node.js, to find one that can run the rest.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { launch } from './setup/launch.mjs';
import { findNode, mainProgram, noNodeMessage, runsOnRecentNode } from './setup/node.mjs';

const program = mainProgram();
const node = findNode();

if (!existsSync(program)) {
  console.error('This package was packed without being built. In a clone, "npm pack" builds it first.');
  process.exitCode = 1;
} else if (runsOnRecentNode()) {
  await import(pathToFileURL(program).href);
} else if (node) {
  process.exitCode = await launch(node, [program, ...process.argv.slice(2)]);
} else {
  console.error(noNodeMessage());
  process.exitCode = 1;
}
