import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { iamPage } from '../../infra/iamPage.ts';
import { secretStatements } from '../../infra/permissions.ts';
import { configWith, createStack, oneRegion, propertiesOf, templateOf, templatesOf } from './support.ts';

interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

const statementsOf = (template: Template): Statement[] =>
  ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => propertiesOf(template, type))
    .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement);

const actionsOf = (statements: Statement[]) => statements.flatMap(({ Action }) => [Action].flat());

function watchStatements(changes: Record<string, unknown> = {}, stage = oneRegion): Statement[] {
  return statementsOf(templateOf(templatesOf(stage, configWith(changes)), 'warren-vantage-ireland'));
}

const route53 = (target: Record<string, unknown>) => ({
  targets: [{ route53: { zone: 'Z0123456789ABC', record: 'amqp.example.com', ...target } }],
});

const elasticloadbalancing = (action: string) => `elasticloadbalancing:${action}`;
const balancing = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
const targetGroups = {
  frankfurt: `${balancing}:targetgroup/frankfurt/0123456789abcdef`,
  ireland: `${balancing}:targetgroup/ireland/0123456789abcdef`,
};
const listenerArn = `${balancing}:listener/net/mq/0123456789abcdef/0123456789abcdef`;
const ruleArn = `${balancing}:listener-rule/app/mq/0123456789abcdef/0123456789abcdef/0123456789abcdef`;
const copies = ['eu-west-1', 'eu-west-2', 'eu-west-3'].map((region) => ({
  region,
  bucket: `switch-${region}`,
  key: 'warren/trading',
}));
const health = { targets: [{ 'route53-health': { record: 'amqp.example.com', copies } }] };
const listener = { targets: [{ elbv2: { listener: listenerArn, targetGroups } }] };
const rule = { targets: [{ elbv2: { rule: ruleArn, targetGroups } }] };

describe('every role', () => {
  const statements = Object.values(templatesOf(oneRegion)).flatMap(statementsOf);

  test('has no policy that AWS manages, and no wildcard but for what has no name before it is made: changes of Route 53, acts of people', () => {
    const wildcards = JSON.stringify(statements).match(/"[^"]*\*[^"]*"/g);
    const acts = ['"act/*"', '"acts/*"'];
    expect(new Set(wildcards)).toEqual(new Set(['"arn:aws:route53:::change/*"', ...acts]));
    const roles = Object.values(templatesOf(oneRegion)).flatMap((template) => propertiesOf(template, 'AWS::IAM::Role'));
    expect(roles.length).toBe(4);
    for (const role of roles) expect(role).not.toHaveProperty('ManagedPolicyArns');
  });

  test('but that of the watch function changes nothing outside of Warren', () => {
    const control = actionsOf(statementsOf(templateOf(templatesOf(oneRegion), 'warren-control')));
    expect(control.filter((action) => /Change|Publish/.test(action))).toEqual([]);
  });
});

describe('the watch function', () => {
  test('may call what the adapters call, and nothing else', () => {
    const called = commandsOf('adapters').map((command) => command.replace(/Command$/, ''));
    // Tables are made by infrastructure code, or by tests.
    const needed = called.filter((command) => !['CreateTable', 'UpdateTimeToLive'].includes(command));
    const ofLambda = ['CreateLogStream', 'PutLogEvents', 'InvokeFunction', 'SendMessage'];
    const { targets } = route53({ values: values('192.0.2.1', '198.51.100.1') });
    // Not called: with it S3 says that an object is not there, and without it that access is denied.
    const toBeTold = ['ListBucket'];
    const all = [...targets, ...health.targets, ...listener.targets, ...rule.targets];
    const granted = actionsOf(watchStatements({ targets: all })).map((action) => action.replace(/^\w+:/, ''));
    const usual = [...ofLambda, ...toBeTold];
    expect(new Set(granted.filter((action) => !usual.includes(action)))).toEqual(new Set(needed));
  });

  test('may change the named record and its marker, by deleting and creating', () => {
    const changes = watchStatements(
      route53({ record: 'AMQP.Example.com.', values: values('192.0.2.1', '198.51.100.1') }),
    );
    expect(changes.filter(({ Action }) => Action === 'route53:ChangeResourceRecordSets')).toEqual([
      {
        Effect: 'Allow',
        Action: 'route53:ChangeResourceRecordSets',
        Resource: 'arn:aws:route53:::hostedzone/Z0123456789ABC',
        Condition: {
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['amqp.example.com', '_warren.amqp.example.com'],
            'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'TXT'],
            'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
          },
        },
      },
    ]);
  });

  test('may change each of several records by a condition of its own', () => {
    const both = ['A', 'AAAA'].map(
      (type) =>
        route53({
          type,
          values: type === 'A' ? values('192.0.2.1', '198.51.100.1') : values('2001:db8::1', '2001:db8::2'),
        }).targets[0],
    );
    const statements = watchStatements({ targets: both }).filter(
      ({ Action }) => Action === 'route53:ChangeResourceRecordSets',
    );
    expect(statements.map(({ Condition }) => JSON.stringify(Condition).match(/_warren[^"]*/)?.[0])).toEqual([
      '_warren.amqp.example.com',
      '_warren-aaaa.amqp.example.com',
    ]);
  });

  test('may move the named listener or rule and tag it with the epoch, and describe load balancers of its Region', () => {
    const listening = watchStatements(listener).filter(({ Action }) => JSON.stringify(Action).includes('elastic'));
    expect(listening).toEqual([
      {
        Sid: 'ReadListeners',
        Effect: 'Allow',
        Action: ['DescribeListeners', 'DescribeRules', 'DescribeTags', 'DescribeTargetHealth'].map(
          elasticloadbalancing,
        ),
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': ['eu-west-1'] } },
      },
      { Sid: 'MoveListeners', Effect: 'Allow', Action: elasticloadbalancing('ModifyListener'), Resource: listenerArn },
      {
        Sid: 'TagEpoch',
        Effect: 'Allow',
        Action: elasticloadbalancing('AddTags'),
        Resource: listenerArn,
        Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['warren:epoch'] } },
      },
    ]);
    expect(watchStatements(rule).map(({ Sid }) => Sid)).toContain('MoveRules');
  });

  test('may read and set the objects of a switch, by ARN, and the API may read them', () => {
    const objects = copies.map(({ bucket, key }) => `arn:aws:s3:::${bucket}/${key}`);
    const read = [
      { Sid: 'ReadSwitch', Effect: 'Allow', Action: 's3:GetObject', Resource: objects },
      {
        Sid: 'SeeThatThereIsNone',
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: copies.map(({ bucket }) => `arn:aws:s3:::${bucket}`),
      },
    ];
    const ofS3 = (statements: Statement[]) => statements.filter(({ Action }) => JSON.stringify(Action).includes('s3:'));
    expect(ofS3(watchStatements(health))).toEqual([
      ...read,
      { Sid: 'SetSwitch', Effect: 'Allow', Action: 's3:PutObject', Resource: objects },
    ]);
    const control = statementsOf(templateOf(templatesOf(oneRegion, configWith(health)), 'warren-control'));
    const apiStatements = ofS3(control);
    expect(apiStatements.length).toBeGreaterThan(0);
    for (const { Action } of apiStatements) expect(Action).not.toBe('s3:PutObject');
  });

  test('may read the secrets that the configuration names, by ARN', () => {
    const [secrets] = watchStatements({
      hooks: { before: { url: 'secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:hook-AbCdEf#url' } },
    }).filter(({ Sid }) => Sid === 'Secrets');
    expect(secrets?.Resource).toContain('arn:aws:secretsmanager:eu-west-1:111122223333:secret:hook-AbCdEf');
    const [short] = watchStatements({ hooks: { before: { url: 'secretsmanager:warren/hook' } } }).filter(
      ({ Sid }) => Sid === 'Secrets',
    );
    expect(JSON.stringify(short?.Resource)).toContain(':secret:warren/hook-??????');
  });

  test('may read a secret whose name ends as if AWS had ended it', () => {
    const resourcesOf = (url: string) => {
      const [secrets] = watchStatements({ hooks: { before: { url } } }).filter(({ Sid }) => Sid === 'Secrets');
      return JSON.stringify(secrets?.Resource);
    };
    expect(resourcesOf('secretsmanager:warren-secret')).toContain(':secret:warren-secret-??????"');
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:warren-secret';
    expect(resourcesOf(`secretsmanager:${arn}`)).toContain(`"${arn}","${arn}-??????"`);
  });

  test('may decrypt with the keys that the stage names, for what holds its secrets, and with none otherwise', () => {
    expect(actionsOf(watchStatements())).not.toContain('kms:Decrypt');
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/1';
    const statements = watchStatements({}, { ...oneRegion, decryptionKeyArns: [key] });
    const via = ['secretsmanager.eu-west-1.amazonaws.com', 'ssm.eu-west-1.amazonaws.com'];
    const Condition = { StringEquals: { 'kms:ViaService': via } };
    expect(statements).toContainEqual({
      Sid: 'Decrypt',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: key,
      Condition,
    });
  });

  test('may decrypt for the services by the names that they have in its partition', () => {
    const references = [{ path: 'hooks.before.url', reference: 'ssm:warren/hook' }];
    const [, decrypt] = secretStatements(createStack('cn-north-1'), references, ['arn:aws-cn:kms:cn-north-1:1:key/1']);
    expect(decrypt?.toJSON().Condition).toEqual({
      StringEquals: { 'kms:ViaService': ['ssm.cn-north-1.amazonaws.com.cn'] },
    });
  });

  test('may publish to the topics of its pairs', () => {
    const [notify] = watchStatements().filter(({ Sid }) => Sid === 'Notify');
    expect(notify?.Resource).toBe('arn:aws:sns:eu-west-1:111122223333:warren-notifications');
    expect(watchStatements({ notify: [] }).some(({ Sid }) => Sid === 'Notify')).toBe(false);
  });
});

test('docs/iam.md says what the templates say (`npm run docs` writes it)', () => {
  expect(readFileSync(new URL('../../docs/iam.md', import.meta.url), 'utf8')).toBe(iamPage());
});

test('docs/iam.md has a row for everything that a target or a VPC takes', () => {
  const files = ['infra/targetPermissions.ts', 'infra/network.ts'].map((name) =>
    readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'),
  );
  const names = files.flatMap((text) => text.match(/(?<=allow(?:Each)?\('|sid: ')\w+/g) ?? []);
  expect(names).toEqual(expect.arrayContaining(['MoveRules', 'SetSwitch', 'CodeDoesNot']));
  const page = iamPage();
  expect(names.filter((name) => !page.includes(`| ${name} |`))).toEqual([]);
});

function values(frankfurt: string, ireland: string) {
  return { frankfurt: [frankfurt], ireland: [ireland] };
}

/** Every command of the AWS SDK that is made in a folder. */
function commandsOf(folder: string): string[] {
  const root = new URL(`../../${folder}`, import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap(
    (name) => readFileSync(join(root, name), 'utf8').match(/(?<=new (?:sdk\.)?)\w+Command(?=\()/g) ?? [],
  );
}
