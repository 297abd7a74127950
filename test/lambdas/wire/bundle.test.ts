import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '../../../adapters/system/loadConfig.ts';
import { bundleFunctions } from '../../../infra/bundle.ts';
import { readSettings } from '../../../lambdas/shared/settings.ts';
import { unreachableConfig } from '../../cli/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'warren-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, 'warren.yaml');
  writeFileSync(path, text);
  return path;
}

test('what is deployed is a folder for each function, with the configuration as it was written', async () => {
  const path = write(unreachableConfig());
  const folders = await bundleFunctions(join(folder, 'out'), path);
  const tables = { WARREN_STATE_TABLE: 'state', WARREN_HISTORY_TABLE: 'history' };
  for (const [name, each] of Object.entries(folders)) {
    expect(each).toBe(join(folder, 'out', name));
    expect(readSettings({ ...tables, LAMBDA_TASK_ROOT: each }).config).toEqual(loadConfig(path));
    // What they hold is measured elsewhere; this notices a package that came in unseen.
    expect(statSync(join(each, 'index.js')).size).toBeLessThan(2_000_000);
  }
  expect(existsSync(join(folders.api, 'openapi.json'))).toBe(true);
  expect(readFileSync(join(folders.alarm, 'index.js'), 'utf8')).not.toContain('llhttp');
});

test('a configuration that is none replaces nothing', async () => {
  writeFileSync(join(folder, 'out', 'watch', 'index.js'), 'as it was');
  const asked = bundleFunctions(join(folder, 'out'), write(unreachableConfig().replace('beijing', 'tianjin')));
  await expect(asked).rejects.toThrow(ConfigError);
  expect(readFileSync(join(folder, 'out', 'watch', 'index.js'), 'utf8')).toBe('as it was');
});
