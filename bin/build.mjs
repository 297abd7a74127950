// `npm run build`: what an installed package runs, as JavaScript, and the types of what it exports, in dist/package.
// Node.js strips no types below node_modules. The folders are those of the sources, so that relative paths stay true.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './setup/node.mjs';

const out = join(packageRoot, 'dist', 'package');

function compile(project) {
  const compiler = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '--project', join(packageRoot, project)], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${project} was not compiled.`);
}

// What is no source any more must not be packed.
rmSync(out, { recursive: true, force: true });
compile('tsconfig.build.json');
compile('tsconfig.types.json');
cpSync(join(packageRoot, 'docs', 'openapi.json'), join(out, 'docs', 'openapi.json'));
// Without a name: it is no package of its own.
const { version, type } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
writeFileSync(join(out, 'package.json'), `${JSON.stringify({ version, type }, null, 2)}\n`);
