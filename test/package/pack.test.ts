import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { describeCommand } from './command.ts';
import { describeConstructs } from './constructs.ts';
import { describeContents } from './contents.ts';
import { install, manifestOf, pack, root } from './install.ts';

// One file, because packing builds into one folder of the repository: two at once would spoil each other's.
const folder = mkdtempSync(join(tmpdir(), 'warren-pack-'));
let tarball: string;
let installed: string;

beforeAll(() => {
  tarball = pack(folder);
  // Without the peers, which only the constructs need: the command must do without them.
  installed = install(tarball, folder, Object.keys(manifestOf(root).dependencies));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeContents(() => installed);
describeCommand(() => installed);
describeConstructs(() => tarball);
