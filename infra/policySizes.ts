import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Policy, type PolicyDocument, type Role } from 'aws-cdk-lib/aws-iam';

/**
 * What a role may have at most: characters of its inline policies together and of each managed policy, without white space, and
 * managed policies (IAM user guide, "IAM and AWS STS quotas"; of the last, an account may ask for more).
 */
export const policyLimits = { inlineCharactersMax: 10_240, managedCharactersMax: 6_144, managedMax: 10 } as const;

/** What is not known before it is deployed counts as the longest name there is likely to be. */
const unknownText = 'x'.repeat(128);
/** Of what AWS itself names, the longest there is (AWS General Reference: partitions, Regions; CloudFormation, "Pseudo parameters"). */
const longestTexts: Record<string, string> = {
  'AWS::AccountId': '1'.repeat(12),
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/** Ends the synthesis of what IAM would refuse in the middle of a deployment: the CDK only divides, and warns. */
export function requirePolicySizes(role: Role): void {
  role.node.addValidation({ validate: () => policyProblems(role) });
}

/** @returns sentences */
function policyProblems(role: Role): string[] {
  const parts = role.node.findAll();
  const inline = parts.filter((part) => part instanceof Policy).map(({ document }) => charactersOf(role, document));
  const managed = parts
    .filter((part) => part instanceof ManagedPolicy)
    .map(({ document }) => charactersOf(role, document));
  const { inlineCharactersMax, managedCharactersMax, managedMax } = policyLimits;
  const instead = 'Another stage can have some of the pairs.';
  const problems = [
    [sum(inline), inlineCharactersMax, 'characters of inline policies'],
    [Math.max(0, ...managed), managedCharactersMax, 'characters of one managed policy'],
    [managed.length, managedMax, 'managed policies'],
  ] as const;
  return problems
    .filter(([count, most]) => count > most)
    .map(([count, most, what]) => `A role needs ${count} ${what}, and IAM takes ${most}. ${instead}`);
}

/** Joined as CloudFormation will, without the white space that IAM does not count. */
function charactersOf(role: Role, document: PolicyDocument): number {
  const resolved = Stack.of(role).resolve(document) as unknown;
  // Without statements it is nothing.
  return JSON.stringify(joined(resolved) ?? {}).replace(/\s/g, '').length;
}

function joined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(joined);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute, ...fields } = value as Record<string, unknown>;
  if (Array.isArray(join)) return (joined(join[1]) as string[]).join(join[0]);
  if (Ref ?? attribute) return longestTexts[String(Ref)] ?? unknownText;
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, joined(field)]));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
