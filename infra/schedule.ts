import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type IScheduleTarget, Schedule, ScheduleExpression, ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { createDeadLetters } from './deadLetters.ts';

export interface MinuteScheduleProps {
  /** Of the schedule's group and of the queue. */
  name: string;
  lambda: LambdaFunction;
}

/** The shortest age that the Scheduler takes. */
const eventAgeMaxSeconds = 60;

/** Starts a function every minute. A start that failed is kept, and not tried again: the next minute comes. */
export class MinuteSchedule extends Construct {
  /** Starts that could not be delivered. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { name, lambda }: MinuteScheduleProps) {
    super(scope, id);
    this.undelivered = createDeadLetters(this, 'Undelivered', `${name}-undelivered`);
    const scheduleGroup = new ScheduleGroup(this, 'Group', { scheduleGroupName: name });
    const role = this.#createRole(lambda, scheduleGroup);
    new Schedule(this, 'Schedule', {
      scheduleName: 'every-minute',
      description: 'Starts the watch function, which watches until its minute is over.',
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      scheduleGroup,
      target: this.#target(lambda, role),
    });
  }

  /** May start this function and keep what it could not start; only schedules of this group may use it. */
  #createRole(lambda: LambdaFunction, { scheduleGroupArn }: ScheduleGroup): Role {
    const conditions = { 'aws:SourceAccount': Stack.of(this).account, 'aws:SourceArn': scheduleGroupArn };
    const role = new Role(this, 'Role', {
      description: 'Starts the watch function.',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: conditions } }),
    });
    const may = (action: string, resource: string) =>
      role.addToPolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
    may('lambda:InvokeFunction', lambda.functionArn);
    may('sqs:SendMessage', this.undelivered.queueArn);
    return role;
  }

  /** The target of the library would let the role start every version of the function. */
  #target(lambda: LambdaFunction, role: Role): IScheduleTarget {
    return {
      bind: () => ({
        arn: lambda.functionArn,
        role,
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: eventAgeMaxSeconds },
        deadLetterConfig: { arn: this.undelivered.queueArn },
      }),
    };
  }
}
