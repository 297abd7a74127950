import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '../../../adapters/system/loadConfig.ts';
import { bundle, bundleFunctions } from '../../../infra/bundle.ts';
import { readSettings } from '../../../lambdas/shared/settings.ts';
import { unreachableConfig } from '../../cli/command.ts';

const root = new URL('../../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'warren-bundle-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string, name = 'warren.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const sizeOf = (path: string) => statSync(path).size;
const codeIn = (each: string) => readdirSync(each).filter((name) => name.endsWith('.js'));

/** In bytes, all files of a function together; the aim is 1 MB. Lower it with the bundle. */
const sizesMax = { watch: 1_000_000, api: 775_000, alarm: 730_000 };

test('what is deployed is a folder for each function, with the configuration as it was written', async () => {
  const path = write(unreachableConfig());
  const folders = await bundleFunctions(join(folder, 'out'), path);
  const tables = { WARREN_STATE_TABLE: 'state', WARREN_HISTORY_TABLE: 'history' };
  const sizes: Record<string, number> = {};
  for (const [name, each] of Object.entries(folders)) {
    expect(each).toBe(join(folder, 'out', name));
    expect(readSettings({ ...tables, LAMBDA_TASK_ROOT: each }).config).toEqual(loadConfig(path));
    sizes[name] = codeIn(each).reduce((bytes, file) => bytes + sizeOf(join(each, file)), 0);
  }
  expect(existsSync(join(folders.api, 'openapi.json'))).toBe(true);
  const over = Object.entries(sizesMax).filter(([name, bytes]) => (sizes[name] ?? Number.POSITIVE_INFINITY) > bytes);
  expect({ over, sizes }).toEqual({ over: [], sizes });
}, 60_000);

test('a configuration that is none replaces nothing', async () => {
  writeFileSync(join(folder, 'out', 'watch', 'index.js'), 'as it was');
  const asked = bundleFunctions(join(folder, 'out'), write(unreachableConfig().replace('beijing', 'tianjin')));
  await expect(asked).rejects.toThrow(ConfigError);
  expect(sizeOf(join(folder, 'out', 'watch', 'index.js'))).toBe('as it was'.length);
});

describe('a bundle', () => {
  async function bundled(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) write(text, name);
    const to = mkdtempSync(join(folder, 'bundled-'));
    await bundle(join(folder, Object.keys(files)[0] ?? ''), to);
    return { names: codeIn(to), handler: createRequire(import.meta.url)(join(to, 'index.js')).handler };
  }

  test('loads a part when it is called, and holds none that only unused code would load', async () => {
    const { names, handler } = await bundled({
      'lazy.ts': `import { unused } from './both.ts'; export const handler = async () => (await import('./late.ts')).late();`,
      'both.ts': `export const unused = () => import('./never.ts'); export const used = () => 'said by a part';`,
      'late.ts': `import { used } from './both.ts'; export const late = () => used();`,
      'never.ts': `export const never = 1;`,
    });
    expect(names.filter((name) => name.startsWith('late'))).toHaveLength(1);
    expect(names.filter((name) => name.startsWith('never'))).toEqual([]);
    expect(await handler()).toBe('said by a part');
  });

  test('knows what Parameter Store refuses, by its name', async () => {
    const server = createServer((_, response) => {
      const headers = { 'content-type': 'application/x-amz-json-1.1' };
      response.writeHead(400, headers).end('{"__type":"ParameterNotFound","message":"none"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { handler } = await bundled({
      'parameters.ts': `export { openParameterStore as handler } from '${root}adapters/aws/parameterStore.ts';`,
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' };
    const store = handler({ endpoint, region: 'eu-west-1', credentials });
    const asked = store.fetch('/none', AbortSignal.timeout(10_000));
    await expect(asked).rejects.toMatchObject({ name: 'ParameterNotFound', message: 'none' });
    store.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('knows what Route 53 refuses, by its name and with its words', async () => {
    const server = createServer((_, response) => {
      const error = '<Error><Type>Sender</Type><Code>InvalidChangeBatch</Code><Message>[not found]</Message></Error>';
      response
        .writeHead(400, { 'content-type': 'text/xml' })
        .end(`<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${error}</ErrorResponse>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { handler: sdk } = await bundled({
      'records.ts': `export * as handler from '${root}adapters/route53/sdk.ts';`,
    });
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'none' };
    const client = new sdk.Route53Client({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    const asked = client.send(new sdk.GetChangeCommand({ Id: 'C1' }));
    await expect(asked).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: '[not found]',
      $metadata: { httpStatusCode: 400 },
    });
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('says what was left out of it, should it be asked for after all', async () => {
    const { handler } = await bundled({
      'sso.ts': `export const handler = async () => await import('@aws-sdk/credential-provider-sso');`,
    });
    await expect(handler()).rejects.toThrow('@aws-sdk/credential-provider-sso is not part of this bundle');
  });
});
