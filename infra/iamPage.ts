import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { loadConfig } from '../adapters/system/loadConfig.ts';
import { type Resources, rolesOf } from './iamRows.ts';
import { addStacks } from './stacks.ts';
import type { Stage } from './stage.ts';

/** What the page is about: the example, from one vantage in a VPC. */
const stage: Stage = {
  primaryRegions: ['eu-central-1'],
  controlRegion: 'eu-west-1',
  vantages: [
    {
      name: 'ireland',
      region: 'eu-west-1',
      network: {
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['eu-west-1a'],
        privateSubnetIds: ['subnet-0123456789abcdef0'],
        securityGroupIds: ['sg-0123456789abcdef0'],
      },
    },
  ],
};

/** `docs/iam.md`: every role's policy, from the synthesized templates of the example. */
export function iamPage(): string {
  const roles = synthesize().flatMap(rolesOf);
  return [
    '# What each role may do',
    '',
    '<!-- Generated from the synthesized templates of examples/cdk by `npm run docs`. Do not edit. -->',
    '',
    'Every function has a role of its own, and no role has a policy that AWS manages. The pair is that of',
    '`examples/cdk/warren.yaml`; yours differs in names, records and secrets. `ACCOUNT` is the account that is deployed to.',
    '',
    '- *LambdaJoinsVpc* and *CodeDoesNot* are there only where a function is in a VPC: Lambda asks for the first on all resources, and',
    "  the second denies it to the function's own code.",
    '- With many pairs a list goes on in another statement, such as *Secrets2*, and what is too long for the inline policy of a role',
    '  is in managed policies of its own.',
    '- A record and its marker change in one batch, so the names and the types of both are in one condition.',
    '- A load balancer as a target adds *MoveListeners* or *MoveRules* and *TagEpoch* on its ARN, and *ReadListeners* in its Region.',
    '- A switch that health checkers look at adds *ReadSwitch* and *SetSwitch* on its objects, and *SeeThatThereIsNone* on their',
    '  buckets: the API has no *SetSwitch*.',
    '- A DNS server and an HAProxy ask for a key or an address of their own, not for IAM.',
    '',
    ...roles.flatMap(({ title, purpose, assumedBy, rows }) => [
      `## ${title}`,
      '',
      `${purpose} Assumed by ${assumedBy}.`,
      '',
      '| | actions | on | only if |',
      '| --- | --- | --- | --- |',
      ...rows.map((cells) => `| ${cells.join(' | ')} |`),
      '',
    ]),
  ].join('\n');
}

function synthesize(): Resources[] {
  const folder = mkdtempSync(join(tmpdir(), 'warren-iam-'));
  try {
    const app = new App({ outdir: join(folder, 'out'), context: { '@aws-cdk/aws-iam:minimizePolicies': true } });
    const config = loadConfig(new URL('../examples/cdk/warren.yaml', import.meta.url).pathname);
    const code = join(folder, 'code');
    mkdirSync(code);
    writeFileSync(join(code, 'index.js'), '');
    const stacks = addStacks(app, stage, config, { watch: code, api: code, alarm: code });
    const assembly = app.synth();
    return stacks.map(({ artifactId }) => assembly.getStackArtifact(artifactId).template.Resources as Resources);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
