import { expect, test } from '@jest/globals';
import type { AwsRequest } from '../../support/aws/awsRequest.ts';
import { copiesOf, publishSwitch } from './account.ts';
import { deploy, everything, loseBeijing, untilMoved, untilProtected, values } from './support.ts';

test('a switch is moved by schedule while Route 53 and one Region answer nothing', async () => {
  const copies = copiesOf('demo');
  const wire = await deploy({
    demo: (account) => {
      publishSwitch(account, 'demo', 'beijing');
      account.route53.isHung = true;
      const isThere = ({ path }: AwsRequest) => path.includes('switch-eu-west-3');
      account.proxy.order({ kind: 'hang' }, { when: isThere, times: Number.POSITIVE_INFINITY });
      return { targets: [{ 'route53-health': { record: 'amqp.example.com', copies, values } }] };
    },
  });
  try {
    const { account, store } = wire;
    void wire.start('watch', 40_000).invoke({ source: 'aws.scheduler' });
    await untilProtected(wire);
    await loseBeijing(wire);
    await untilMoved(wire);
    const texts = copies.map(({ bucket, key }) => account.s3.text(bucket, key));
    const moved = expect.stringMatching(/^warren pair=demo site=shanghai epoch=2 write=\d$/);
    expect(texts).toEqual([moved, moved, 'warren pair=demo site=beijing epoch=0 write=1']);
    expect(await store.listOperations('demo', everything)).toMatchObject([
      { verb: 'failover', from: 'beijing', to: 'shanghai', phase: 'finished', epoch: 2 },
    ]);
    expect(account.route53.requests).toEqual([]);
  } finally {
    await wire.close();
  }
}, 60_000);
