import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test, and the path of a store in it. */
export function createFolder(): { folder: string; file: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'warren-store-'));
  return { folder, file: join(folder, 'warren.db'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
