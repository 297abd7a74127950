import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import { createPlace, unreachableConfig } from './command.ts';

const place = createPlace();
afterAll(() => place.remove());

const withNotify = (lines: string) =>
  unreachableConfig().replace('    targets:', `    notify:\n${lines}\n    targets:`);

test('notify tells every destination once, says which took it, and never names a URL', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.writeHead(request.url === '/good' ? 200 : 403).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  place.write(
    'warren.yaml',
    withNotify(
      '      - { webhook: { url: env:GOOD, format: slack } }\n      - { webhook: { url: env:BAD } }\n      - { webhook: { url: env:MISSING } }',
    ),
  );
  const { code, stdout, stderr } = await place.run(['notify'], { GOOD: `${url}/good`, BAD: `${url}/secret` });
  server.close();
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'pairs[0].notify[0] (demo): took the test notification',
    'pairs[0].notify[1] (demo): answered 403',
    'pairs[0].notify[2] (demo): env:MISSING: this environment variable is not set',
    '',
  ]);
  expect(bodies).toHaveLength(2);
});

test('notify says so when nobody is to be told', async () => {
  place.write('warren.yaml', unreachableConfig());
  expect((await place.run(['notify'])).stdout).toBe('Nobody is to be told: no pair has a `notify`.\n');
});
