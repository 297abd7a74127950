import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { remoteOf } from '../../cli/remoteControlAddress.ts';
import { gatewayRegion } from '../../cli/remoteControlSignature.ts';
import type { SourceOptions } from '../../cli/source.ts';
import { createApiHandler } from '../../lambdas/api/handler.ts';
import { authorizeByIam } from '../../lambdas/api/iam.ts';
import { createDesk } from '../core/flow/control/desk.ts';
import { startGateway } from '../support/aws/gateway.ts';
import { verifySignature } from '../support/aws/signature.ts';
import { createPlace, type Ended } from './command.ts';

const place = createPlace();
afterAll(() => place.remove());

const region = 'eu-west-1';
const ann = 'arn:aws:iam::123456789012:user/ann';
const duty = 'arn:aws:sts::123456789012:assumed-role/on-call/bob';
const secrets = {
  ann: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  bob: 'another/Secret+Key',
  token: 'a/session+token==',
};
const callers = {
  AKIDANNSKEY: { secret: secrets.ann, arn: ann },
  ASIABOBSKEY: { secret: secrets.bob, sessionToken: secrets.token, arn: duty },
};
const asAnn = { AWS_ACCESS_KEY_ID: 'AKIDANNSKEY', AWS_SECRET_ACCESS_KEY: secrets.ann };
/** Nothing of this machine, and nothing of the network. */
const nobody = { AWS_EC2_METADATA_DISABLED: 'true' };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A deployment: a desk whose wall clock is right, behind the function of the API, behind API Gateway. */
async function openDeployment() {
  const desk = await createDesk({ watchedAgoMs: null });
  desk.clock.setWallClock(Date.now());
  await desk.watched(0);
  const { control, clock } = desk;
  const log = () => {};
  const handler = createApiHandler({ control, clock, authorize: authorizeByIam, document: '{}', log });
  const gateway = await startGateway({ region, callers, handler });
  closing.push(() => gateway.close());
  return { ...desk, gateway };
}

/** The real program. Whatever happens, it prints no secret. */
async function run(url: string, words: string[], environment: Record<string, string> = asAnn): Promise<Ended> {
  const ended = await place.run([...words, '--url', url, '--sign', region], { ...nobody, ...environment });
  for (const secret of Object.values(secrets)) expect(`${ended.stdout}${ended.stderr}`).not.toContain(secret);
  expect(`${ended.stdout}${ended.stderr}`).not.toMatch(/[0-9a-f]{64}|AKIDANNSKEY|ASIABOBSKEY/);
  return ended;
}

describe('a Warren behind API Gateway', () => {
  test('is asked with a signature, and knows by it who asks', async () => {
    const { gateway, stored, acts } = await openDeployment();
    expect((await run(gateway.url, ['readiness'])).code).toBe(0);
    expect((await run(gateway.url, ['history', 'demo', '--since', '2h'])).code).toBe(0);
    const paused = await run(gateway.url, ['pause', 'demo', '--for', '2h', '--reason', 'Übung: "50 %" + mehr & co']);
    expect(paused).toMatchObject({ code: 0, stdout: expect.stringContaining(`Paused by ${ann}`) });
    expect((await stored()).pause).toMatchObject({ owner: ann, reason: 'Übung: "50 %" + mehr & co' });
    expect(gateway.asked.map(({ refused }) => refused)).toEqual(gateway.asked.map(() => null));
    expect(gateway.asked.at(-1)?.headers.authorization).toMatch(/SignedHeaders=\S*content-type;host;idempotency-key;/);
    expect(await acts()).toMatchObject([{ who: ann, via: 'api', from: '203.0.113.7' }]);
  }, 30_000);

  test('takes a query with everything that may be in one, as it was meant', async () => {
    const { gateway, acts } = await openDeployment();
    const reason = `a+b = "c" & d/e?f#g 100% ~(h)*'i'! ü 漢 %20`;
    expect(await run(gateway.url, ['resume', 'demo', '--reason', reason])).toMatchObject({ code: 0, stderr: '' });
    expect(gateway.asked).toMatchObject([{ method: 'DELETE', refused: null }]);
    expect(gateway.asked[0]?.target).not.toContain('+');
    expect(await acts()).toMatchObject([{ reason }]);
  }, 20_000);

  test('knows temporary credentials of a profile by their session token', async () => {
    const { gateway, acts } = await openDeployment();
    const lines = ['[on-call]', 'aws_access_key_id=ASIABOBSKEY', `aws_secret_access_key=${secrets.bob}`];
    const file = place.write('credentials', [...lines, `aws_session_token=${secrets.token}`, ''].join('\n'));
    const environment = { AWS_PROFILE: 'on-call', AWS_SHARED_CREDENTIALS_FILE: file };
    expect((await run(gateway.url, ['resume', 'demo', '--reason', 'x'], environment)).code).toBe(0);
    expect(gateway.asked).toMatchObject([{ refused: null }]);
    expect(await acts()).toMatchObject([{ who: duty }]);
  }, 20_000);

  test('is asked again under the same key, signed anew, when its answer is lost', async () => {
    const { gateway, acts } = await openDeployment();
    gateway.losing = 1;
    expect((await run(gateway.url, ['pause', 'demo', '--for', '1h', '--reason', 'x'])).code).toBe(0);
    expect(gateway.asked).toMatchObject([{ refused: null }, { refused: null }]);
    const keys = gateway.asked.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([keys[0], keys[0]]);
    expect(await acts()).toHaveLength(1);
  }, 20_000);
});

describe('whom API Gateway does not let in', () => {
  test('is told what is needed for what, and who may tell who that was', async () => {
    const { gateway } = await openDeployment();
    const wrong = { ...asAnn, AWS_SECRET_ACCESS_KEY: 'mistyped' };
    const { code, stdout, stderr } = await run(gateway.url, ['retry', 'demo', '--reason', 'x'], wrong);
    expect(gateway.asked).toMatchObject([{ refused: 'it is of something else' }]);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr:
        `warren: ${new URL(gateway.url).host}: API Gateway does not let the AWS credentials ****************SKEY do this (403): ` +
        `they need execute-api:Invoke on arn:aws:execute-api:${region}:ACCOUNT:API_ID/*/POST/v1/pairs/demo/retry, ` +
        'or are not valid any more. `aws sts get-caller-identity` says whose they are.\n',
    });
  }, 20_000);

  test.each([
    [20, 'behind'],
    [-20, 'ahead of'],
  ])(
    'because its clock is %d minutes off is told so',
    async (minutes, direction) => {
      const { gateway } = await openDeployment();
      gateway.clockAheadMs = minutes * 60_000;
      const { code, stderr } = await run(gateway.url, ['status']);
      expect(gateway.asked).toMatchObject([{ refused: expect.stringContaining('of another time') }]);
      expect(code).toBe(2);
      expect(stderr).toContain(`: the clock of this machine is 20 minutes ${direction} the one there`);
    },
    20_000,
  );

  test('because there are no credentials is told where they are looked for', async () => {
    const { gateway } = await openDeployment();
    const cases: [Record<string, string>, RegExp][] = [
      [{}, /^warren: There are no AWS credentials to sign requests with: set AWS_PROFILE, or .*`aws sso login`\.\n$/],
      [{ AWS_PROFILE: 'none' }, /^warren: There are no AWS credentials to sign requests with: set AWS_PROFILE/],
    ];
    for (const [environment, complaint] of cases) {
      const { code, stdout, stderr } = await run(gateway.url, ['status'], environment);
      expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(complaint) });
    }
    expect(gateway.asked).toEqual([]);
  }, 30_000);

  test('because a session is over is told how to begin another', async () => {
    const { gateway } = await openDeployment();
    const sso = 'sso_start_url=https://sso.invalid\nsso_region=eu-west-1\nsso_account_id=1\nsso_role_name=x\n';
    const environment = { AWS_PROFILE: 'sso', AWS_CONFIG_FILE: place.write('config', `[profile sso]\n${sso}`) };
    const { code, stderr } = await run(gateway.url, ['status'], environment);
    expect(code).toBe(2);
    expect(stderr).toMatch(/to sign requests with \(.*aws sso login.*\): /);
  }, 20_000);
});

describe('what says who asks', () => {
  test.each([
    ['abc123.execute-api.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['abc123.execute-api.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['abc123.execute-api.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['abc123.execute-api.eu-west-1.amazonaws.com.example', undefined],
    ['execute-api.eu-west-1.amazonaws.com', undefined],
    ['warren.example', undefined],
  ])('the name %s is of %s', (hostname, expected) => {
    expect(gatewayRegion(hostname)).toBe(expected);
  });

  const aws = 'https://abc123.execute-api.eu-west-3.amazonaws.com';
  const own = 'https://warren.example';
  const token = place.write('token', 'a-token-of-24-characters');
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  test.each<[SourceOptions, NodeJS.ProcessEnv, string]>([
    [{ url: aws }, {}, 'eu-west-3'],
    [{ url: aws }, { WARREN_TOKEN: 'a-token-of-24-characters' }, 'eu-west-3'],
    [{ url: aws, sign: 'eu-west-1' }, {}, 'eu-west-1'],
    [{ url: own, sign: 'eu-west-1' }, {}, 'eu-west-1'],
    [{}, { WARREN_URL: aws }, 'eu-west-3'],
    [{}, { WARREN_URL: own, WARREN_SIGN: 'eu-west-1' }, 'eu-west-1'],
    [{ url: own }, { WARREN_SIGN: 'eu-west-1', WARREN_TOKEN: 'a-token-of-24-characters' }, 'token'],
    [{ url: aws, tokenFile: token }, {}, 'token'],
    [{ tokenFile: token }, { WARREN_URL: own, WARREN_SIGN: 'eu-west-1' }, 'token'],
  ])('%j under %j: %s', async (options, environment, expected) => {
    // The SDK looks into the environment of the process.
    Object.assign(process.env, asAnn);
    for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) delete process.env[name];
    const url = new URL('/v1/pairs', options.url ?? environment.WARREN_URL);
    const asked = { method: 'GET' as const, url, headers: {}, body: null };
    const { headers } = (await remoteOf(options, environment)?.identity.identified(asked)) ?? { headers: {} };
    if (expected === 'token') {
      expect(headers).toEqual({ authorization: 'Bearer a-token-of-24-characters' });
      return;
    }
    const received = { method: 'GET', target: url.pathname, headers: { ...headers, host: url.host }, body: '' };
    const place = { service: 'execute-api', region: expected, keys: callers, nowMs: Date.now() };
    expect(verifySignature(received, place)).toBe('AKIDANNSKEY');
  });

  test.each<[SourceOptions, NodeJS.ProcessEnv, RegExp]>([
    [{ sign: 'eu-west-1' }, {}, /^--sign is for a Warren elsewhere/],
    [{ url: own, sign: 'eu-west-1', tokenFile: token }, {}, /say one or the other/],
    [{ url: own, sign: 'Ireland' }, {}, /^--sign: got "Ireland", expected an AWS Region/],
    [{ url: own, sign: '' }, {}, /^--sign: got "", expected an AWS Region/],
    [{}, { WARREN_URL: own, WARREN_SIGN: 'nowhere' }, /^WARREN_SIGN: got "nowhere", expected an AWS Region/],
    [{ url: 'http://warren.example', sign: 'eu-west-1' }, {}, /expected https/],
  ])('%j under %j is bad input', (options, environment, complaint) => {
    expect(() => remoteOf(options, environment)).toThrow(complaint);
  });
});
