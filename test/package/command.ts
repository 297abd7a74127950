import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPlace, type Place, probeEnvironment, unreachableConfig } from '../cli/command.ts';
import { root } from './install.ts';

/** Tests of the `warren` of an installed package. */
export function describeCommand(installed: () => string): void {
  describe('the installed command', () => {
    let place: Place;
    beforeAll(() => {
      place = createPlace(join(installed(), 'bin', 'warren.mjs'));
    });
    afterAll(() => place?.remove());

    test('knows its version and its verbs', async () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      expect(await place.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
      expect((await place.run(['--help'])).stdout).toContain('Health checks and failover for pairs');
      expect((await place.run(['lab', '--help'])).stdout).toContain('two real RabbitMQ clusters');
    });

    test('writes a configuration that it finds nothing wrong with', async () => {
      expect((await place.run(['init'])).code).toBe(0);
      const { code, stderr } = await place.run(['validate']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    });

    test('watches, says how things are, and serves its API with the document that describes it', async () => {
      const environment = { ...probeEnvironment, TOKEN: 'a-token-of-24-characters' };
      const api = 'api: { listen: "127.0.0.1:0", tokens: [{ name: test, scope: read, token: "env:TOKEN" }] }';
      place.write('quiet.yaml', `${unreachableConfig()}${api}\n`);
      const service = place.start(['run', '--config', 'quiet.yaml', '--json'], environment);
      try {
        await service.untilPrinted('The API listens on ');
        await service.untilPrinted('beijing is down');
        const status = await place.run(['status', '--config', 'quiet.yaml', '--json'], environment);
        expect(JSON.parse(status.stdout)).toMatchObject({ pairs: [{ pair: 'demo' }] });
        const [, url] = service.stdout().match(/The API listens on (http:\/\/[\d.]+:\d+)/) ?? [];
        const answer = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(10_000) });
        expect(await answer.text()).toBe(readFileSync(join(root, 'docs', 'openapi.json'), 'utf8'));
      } finally {
        service.child.kill('SIGTERM');
      }
      expect((await service.ended).code).toBe(0);
    }, 60_000);

    test('says what is wrong with a package that was packed without being built', async () => {
      const [dist, elsewhere] = [join(installed(), 'dist'), join(installed(), 'elsewhere')];
      renameSync(dist, elsewhere);
      const { code, stderr } = await place.run(['--help']).finally(() => renameSync(elsewhere, dist));
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/packed without .*npm pack/) });
    });
  });
}
