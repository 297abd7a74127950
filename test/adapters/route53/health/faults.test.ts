import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../../adapters/system/clock.ts';
import { TargetError } from '../../../../core/flow/ports.ts';
import { timed } from '../../../support/timed.ts';
import { bucketIn, key, openPlace, type Place, record, says } from './place.ts';

let place: Place;
beforeEach(async () => {
  place = await openPlace(1);
  place.edit([says('beijing', 0)]);
});
afterEach(() => place.close());

const bucket = bucketIn('eu-west-1');
const history = () => place.s3.history(bucket, key);

describe('a flip', () => {
  test('whose answer is lost after the write was made is found to be done', async () => {
    place.s3.order('PutObject', 'take-and-drop');
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(history()).toEqual([says('beijing', 0), says('shanghai', 3)]);
  });

  test.each(['drop', 'error', 'slow-down', 'conflict'] as const)('that meets "%s" is made again', async (fault) => {
    place.s3.order('PutObject', fault, 2);
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(history()).toEqual([says('beijing', 0), says('shanghai', 3)]);
  });

  test('over an object that was removed meanwhile creates it', async () => {
    place.s3.order('PutObject', async () => place.s3.edit(bucket, key, null));
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(history()).toEqual([says('beijing', 0), null, says('shanghai', 3)]);
  });

  test('that is throttled for good ends within its budget, and says that nothing was written', async () => {
    place.s3.order('PutObject', 'slow-down', 50);
    const { outcome, tookMs } = await timed(() => place.target({}, { budgetMs: 700 }).flip('shanghai', 3));
    expect(outcome).toBeInstanceOf(TargetError);
    expect((outcome as Error).message).toMatch(
      /: nothing was written for shanghai: S3 in eu-west-1 throttles s3:PutObject$/,
    );
    expect(tookMs).toBeLessThan(750);
  });

  test('that is not answered in time says that its outcome is unknown, and the next one verifies', async () => {
    await place.target().read();
    const late = Promise.withResolvers<void>();
    place.s3.order('PutObject', () => late.promise);
    const { outcome, tookMs } = await timed(() =>
      place.target({}, { budgetMs: 600, requestTimeoutMs: 590 }).flip('shanghai', 3),
    );
    expect((outcome as Error).message).toMatch(
      /the outcome of the flip to shanghai is unknown: S3 in eu-west-1 did not answer s3:PutObject within \d+ ms$/,
    );
    expect(tookMs).toBeLessThan(700);
    late.resolve();
    while (history().length < 2) await systemClock.sleep(5);
    expect(await place.target().flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(history()).toHaveLength(2);
  });

  test('that was accepted but cannot be read back is not called done', async () => {
    place.s3.order('PutObject', async () => place.s3.order('GetObject', 'forbid'));
    await expect(place.target().flip('shanghai', 3)).rejects.toThrow(
      /the flip to shanghai was accepted, but not seen: IAM does not allow s3:GetObject/,
    );
  });

  test('gives up when somebody keeps changing the object', async () => {
    let edits = 0;
    const meddle = async () => {
      edits += 1;
      place.s3.edit(bucket, key, says('beijing', 0, 100 + edits));
    };
    place.s3.order('PutObject', meddle, 20);
    await expect(place.target().flip('shanghai', 3)).rejects.toThrow(
      /nothing was written for shanghai: somebody else wrote switch-eu-west-1\/warren\/trading meanwhile/,
    );
  });
});

describe('of three copies', () => {
  beforeEach(async () => {
    await place.close();
    place = await openPlace();
    place.edit(Array(3).fill(says('beijing', 0)));
  });

  test('one whose Region hangs is left behind, and said to be', async () => {
    place.s3.hungRegions.add('eu-west-2');
    const { outcome, tookMs } = await timed(() => place.target({}, { budgetMs: 900 }).flip('shanghai', 3));
    expect(outcome).toMatchObject({
      active: 'shanghai',
      detail: expect.stringMatching(/eu-west-2: S3 in eu-west-2 did not answer s3:GetObject/),
    });
    expect(tookMs).toBeLessThan(1_000);
    expect(place.copies()).toEqual([says('shanghai', 3), says('beijing', 0), says('shanghai', 3)]);
  });

  test('two whose Regions hang end the flip as made in part, and traffic stays', async () => {
    place.s3.hungRegions.add('eu-west-2').add('eu-west-3');
    const { outcome } = await timed(() => place.target({}, { budgetMs: 600 }).flip('shanghai', 3));
    expect((outcome as Error).message).toMatch(
      /the flip to shanghai was made in part: 1 of 3 copies are set, and 2 are needed: eu-west-2: S3 in eu-west-2 did not/,
    );
    place.s3.hungRegions.clear();
    expect(await place.target().read()).toMatchObject({ active: 'beijing' });
  });
});

describe('a Region so far away that opening a connection takes longer than a request may', () => {
  const impatient = { budgetMs: 900 };

  test('is reached with the first read, and flips on the connection that this leaves', async () => {
    place.s3.connections.openingMs = 500;
    const target = place.target({}, impatient);
    expect(await target.read()).toMatchObject({ status: 'read', active: 'beijing' });
    expect(await target.flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
    expect(place.s3.connections.opened).toBe(1);
  });

  test('does not make a connection that hangs take the time of the next: it is given up, and another one asked', async () => {
    const target = place.target({}, impatient);
    await target.read();
    place.s3.order('GetObject', 'hang');
    place.s3.connections.openingMs = 350;
    expect(await target.read()).toMatchObject({ status: 'read', active: 'beijing' });
    expect(place.s3.connections.opened).toBe(2);
  });
});

describe('it is unreadable, in one sentence,', () => {
  test.each([
    [
      'forbid',
      `IAM does not allow s3:GetObject on ${bucket}/${key}, or it is not there and s3:ListBucket is not allowed`,
    ],
    ['expired', 'AWS does not accept the credentials: ExpiredToken: The provided token has expired.'],
    ['slow-down', 'S3 in eu-west-1 throttles s3:GetObject'],
    [
      'error',
      'S3 in eu-west-1 answered s3:GetObject with 500 InternalError: We encountered an internal error. Please try again.',
    ],
    ['hang', expect.stringMatching(/^S3 in eu-west-1 did not answer s3:GetObject within \d+ ms$/)],
    ['drop', expect.stringMatching(/^S3 in eu-west-1 did not answer s3:GetObject: (ECONNRESET|.*socket hang up)$/)],
  ] as const)('on "%s"', async (fault, words) => {
    await place.target().read();
    place.s3.order('GetObject', fault, 20);
    const { outcome, tookMs } = await timed(() => place.target({}, { budgetMs: 400, requestTimeoutMs: 350 }).read());
    expect(outcome).toEqual({
      target: `route53-health:${record}/A`,
      status: 'unreadable',
      detail: expect.stringMatching(/^eu-west-1: /),
    });
    expect((outcome as { detail: string }).detail.replace('eu-west-1: ', '')).toEqual(words);
    expect(tookMs).toBeLessThan(500);
  });

  test('without credentials', async () => {
    const home = { HOME: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent', AWS_CONFIG_FILE: '/nonexistent' };
    Object.assign(process.env, home);
    delete process.env.AWS_ACCESS_KEY_ID;
    expect(await place.target().read()).toMatchObject({
      detail: 'eu-west-1: no AWS credentials for s3:GetObject were found',
    });
  });

  test('when there is no such bucket, or it is elsewhere', async () => {
    const copy = { region: 'eu-west-1', bucket, key };
    expect(await place.target({ copies: [{ ...copy, bucket: 'nowhere' }] }).read()).toMatchObject({
      detail: 'eu-west-1: there is no bucket nowhere',
    });
    expect(await place.target({ copies: [{ ...copy, region: 'eu-north-1' }] }).read()).toMatchObject({
      detail: `eu-north-1: the bucket ${bucket} is not in eu-north-1`,
    });
  });

  test('when nobody is there', async () => {
    process.env.AWS_ENDPOINT_URL_S3 = 'http://127.0.0.1:9';
    await expect(place.target().flip('shanghai', 1)).rejects.toThrow(
      /nothing was written for shanghai: S3 in eu-west-1 did not answer s3:GetObject: ECONNREFUSED/,
    );
  });
});

test('without s3:ListBucket an object that is not there reads as a refusal, and nothing is written blindly', async () => {
  await place.close();
  place = await openPlace(1, { mayList: false });
  await expect(place.target().flip('shanghai', 1)).rejects.toThrow(
    /nothing was written for shanghai: IAM does not allow s3:GetObject .*, or it is not there and s3:ListBucket is not allowed/,
  );
});
