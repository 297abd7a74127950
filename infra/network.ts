import { Validations } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';

/** Where a function runs when brokers cannot be reached from the internet. */
export interface FunctionNetwork {
  vpc: IVpc;
  /** @default the private subnets */
  subnets?: SubnetSelection;
  /** @default one of its own, which lets everything out and nothing in */
  securityGroups?: ISecurityGroup[];
}

/** What Lambda itself does with the role of a function in a VPC (developer guide, "Required IAM permissions" for a VPC). */
const interfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lets Lambda put the function into a VPC, and takes the same from the function's own code, as the developer guide advises
 * ("Security best practices" for a VPC).
 * @param functionArn as text: a reference would make the role wait for its own function
 */
export function allowNetworkInterfaces(role: Role, functionArn: string): void {
  role.addToPolicy(new PolicyStatement({ sid: 'LambdaJoinsVpc', actions: interfaceActions, resources: ['*'] }));
  role.addToPolicy(
    new PolicyStatement({
      sid: 'CodeDoesNot',
      effect: Effect.DENY,
      actions: interfaceActions,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
    }),
  );
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'Lambda checks these actions on all resources before it joins a VPC; the function itself is denied them.',
  });
}
