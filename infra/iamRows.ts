/** Resources of a template, by logical id. */
export type Resources = Record<string, Resource>;

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** What a page says of one role. */
export interface RoleText {
  /** Named by the function or the schedule that assumes it. */
  title: string;
  purpose: string;
  assumedBy: string;
  /** Cells: what it is called, actions, resources, conditions. */
  rows: string[][];
}

/** Of what is too long for a role's own policy, the CDK makes managed ones beside it. */
const policyTypes = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];

/** Every role of a template, with the statements of its policies, as text. */
export function rolesOf(resources: Resources): RoleText[] {
  return entriesOf(resources, 'AWS::IAM::Role').map(([id, { Properties: role }]) => {
    const [trust] = (role.AssumeRolePolicyDocument as { Statement: (Statement & { Principal: unknown })[] }).Statement;
    const policies = policyTypes
      .flatMap((type) => entriesOf(resources, type))
      .filter(([, { Properties }]) => (Properties.Roles as { Ref: string }[]).some(({ Ref }) => Ref === id));
    const statements = policies.flatMap(
      ([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
    );
    return {
      title: userOf(resources, id),
      purpose: String(role.Description),
      assumedBy: [`\`${Object.values(trust?.Principal ?? {}).join(', ')}\``, ...conditions(trust, resources)].join(
        ', if ',
      ),
      rows: statements.map((statement) => rowOf(statement, resources)),
    };
  });
}

/** Who has the role: the name of the function, or of the group of schedules. */
function userOf(resources: Resources, roleId: string): string {
  const isRole = (value: unknown) => JSON.stringify(value) === JSON.stringify({ 'Fn::GetAtt': [roleId, 'Arn'] });
  const [lambda] = entriesOf(resources, 'AWS::Lambda::Function').filter(([, { Properties }]) =>
    isRole(Properties.Role),
  );
  const [schedule] = entriesOf(resources, 'AWS::Scheduler::Schedule').filter(([, { Properties }]) =>
    isRole((Properties.Target as { RoleArn: unknown }).RoleArn),
  );
  if (lambda) return `The function \`${lambda[1].Properties.FunctionName}\``;
  return schedule ? `The schedule of \`${schedule[1].Properties.GroupName}\`` : roleId;
}

function rowOf(statement: Statement, resources: Resources): string[] {
  const { Sid = '', Effect, Action, Resource } = statement;
  const actions = [Action].flat().map((action) => `\`${action}\``);
  const verb = Effect === 'Deny' ? '**denied:** ' : '';
  const on = [Resource].flat().map((resource) => `\`${textOf(resource, resources)}\``);
  return [Sid, `${verb}${actions.join(', ')}`, on.join(', '), conditions(statement, resources).join(' and ')];
}

function conditions({ Condition = {} }: Pick<Statement, 'Condition'> = {}, resources: Resources): string[] {
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => {
      const values = [value].flat().map((each) => `\`${textOf(each, resources)}\``);
      return `${operator} \`${key}\`: ${values.join(', ')}`;
    }),
  );
}

/** A value of a template as people read it: what is made by it by its name. */
function textOf(value: unknown, resources: Resources): string {
  if (typeof value === 'string') return value;
  const { Ref, ...functions } = value as Record<string, unknown>;
  if (Ref === 'AWS::Partition') return 'aws';
  if (Ref === 'AWS::AccountId') return 'ACCOUNT';
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute } = functions as {
    'Fn::Join'?: [string, unknown[]];
    'Fn::GetAtt'?: string[];
  };
  if (join) return join[1].map((part) => textOf(part, resources)).join(join[0]);
  return nameOf(resources[String(Ref ?? attribute?.[0])]);
}

const nameKeys = ['LogGroupName', 'FunctionName', 'QueueName', 'TopicName', 'TableName', 'RuleName', 'Name'];

function nameOf(resource: Resource | undefined): string {
  if (!resource) return '?';
  const kind = resource.Type.split('::').slice(1).join(' ');
  const [name = ''] = nameKeys.flatMap((key) => (resource.Properties[key] ? [String(resource.Properties[key])] : []));
  return `${kind} ${name}`;
}

function entriesOf(resources: Resources, type: string): [string, Resource][] {
  return Object.entries(resources).filter(([, { Type }]) => Type === type);
}
