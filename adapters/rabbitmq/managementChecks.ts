import * as z from 'zod';
import type { Node } from '../../core/model/config.ts';
import { type CredentialsSource, ProbeFailure } from './failure.ts';
import type { ManagementAnswer, ManagementApi } from './managementApi.ts';
import type { SiteKnowledge } from './siteKnowledge.ts';

export type AlarmVerdict = 'ok' | 'alarm' | 'unknown';

export interface ManagementChecks {
  /** Settles as soon as the alarms check has answered or timed out. */
  alarms: Promise<AlarmVerdict>;
  /** Everything that is wrong, one failure per class; empty when all is well. */
  findings: Promise<ProbeFailure[]>;
}

export interface ManagementQuestion {
  api: ManagementApi;
  node: Node;
  base: string;
  vhost: string;
  credentials: CredentialsSource;
  knowledge: SiteKnowledge;
  monotonicMs: () => number;
}

/**
 * What the management API says, asked in parallel (RabbitMQ HTTP API reference, "Health Check Endpoints"). A health check
 * answers 200 or 503; 404 means that this version does not have it; anything else is no verdict about messaging.
 */
export function askManagement(question: ManagementQuestion): ManagementChecks {
  const alarms = ask(question, '/api/health/checks/alarms');
  const answers = [
    alarms.then((answer) => [...judgeAlarms(question, answer), ...troubleOf(answer)]),
    ask(question, '/api/health/checks/virtual-hosts').then((answer) => [
      ...judgeVirtualHosts(question, answer),
      ...troubleOf(answer),
    ]),
    ask(question, '/api/health/checks/is-in-service').then((answer) => [...judgeService(answer), ...troubleOf(answer)]),
    ask(question, '/api/nodes?columns=name,running,partitions,being_drained').then((answer) => [
      ...judgeNodes(question, answer),
      ...troubleOf(answer),
    ]),
  ];
  return {
    alarms: alarms.then(alarmVerdict),
    findings: Promise.all(answers).then((found) => onePerClass(found.flat())),
  };
}

async function ask(question: ManagementQuestion, path: string): Promise<ManagementAnswer> {
  const { api, node, base, credentials, knowledge } = question;
  if (knowledge.isMissing(node.name, path)) return { kind: 'answered', status: 404, body: undefined };
  const answer = await api.get(base, path, credentials);
  if (answer.kind === 'answered' && answer.status === 404) knowledge.reportMissing(node.name, path);
  return answer.kind === 'silent' ? { ...answer, reason: `${path.replace(/\?.*/, '')}: ${answer.reason}` } : answer;
}

function alarmVerdict(answer: ManagementAnswer): AlarmVerdict {
  if (answer.kind === 'silent') return 'unknown';
  if (answer.status === 200) return 'ok';
  return isFailedCheck(answer) ? 'alarm' : 'unknown';
}

/** A health check that failed says so; another 503, of a proxy for example, does not. */
const isFailedCheck = (answer: ManagementAnswer) =>
  answer.kind === 'answered' && answer.status === 503 && failedCheck.safeParse(answer.body).success;

const failedCheck = z.object({ status: z.literal('failed') });
const alarmsBody = z.object({ alarms: z.array(z.object({ node: z.string(), resource: z.string() })).min(1) });

function judgeAlarms({ knowledge, monotonicMs }: ManagementQuestion, answer: ManagementAnswer): ProbeFailure[] {
  const verdict = alarmVerdict(answer);
  if (verdict === 'ok') knowledge.reportNoAlarm(monotonicMs());
  if (verdict !== 'alarm' || answer.kind === 'silent') return [];
  const { data } = alarmsBody.safeParse(answer.body);
  const detail = data
    ? data.alarms.map(({ node, resource }) => `${resource} alarm on ${node}`).join(', ')
    : 'resource alarm';
  knowledge.reportAlarm(detail, monotonicMs());
  return [new ProbeFailure('alarm', detail)];
}

const virtualHostsBody = z.object({ 'virtual-hosts': z.array(z.string()) });

/** A stopped vhost on this node; others than the probed one are not this pair's concern. */
function judgeVirtualHosts({ vhost }: ManagementQuestion, answer: ManagementAnswer): ProbeFailure[] {
  if (answer.kind === 'silent' || !isFailedCheck(answer)) return [];
  const { data } = virtualHostsBody.safeParse(answer.body);
  if (data && !data['virtual-hosts'].includes(vhost)) return [];
  return [new ProbeFailure('not-allowed', `the virtual host ${vhost} is down on this node`)];
}

function judgeService(answer: ManagementAnswer): ProbeFailure[] {
  return isFailedCheck(answer) ? [new ProbeFailure('draining', 'is booting or being drained (is-in-service)')] : [];
}

const nodesBody = z.array(
  z.object({ name: z.string(), partitions: z.array(z.string()).catch([]), being_drained: z.boolean().optional() }),
);

/** `partitions` is always empty from 4.3, `being_drained` is there from 3.11.19. */
function judgeNodes({ node, knowledge, monotonicMs }: ManagementQuestion, answer: ManagementAnswer): ProbeFailure[] {
  if (answer.kind === 'silent' || answer.status !== 200) return [];
  const { data: nodes } = nodesBody.safeParse(answer.body);
  if (!nodes) return [];
  for (const peer of nodes) knowledge.reportDrain(peer.name, peer.being_drained === true, monotonicMs());
  const findings: ProbeFailure[] = [];
  const split = nodes.filter(({ partitions }) => partitions.length > 0);
  if (split.length > 0) {
    const sides = split.map(({ name, partitions }) => `${name} from ${partitions.join(' and ')}`).join('; ');
    findings.push(new ProbeFailure('partitioned', `split: ${sides}`));
  }
  if (nodes.some((peer) => peer.name === node.name && peer.being_drained === true)) {
    findings.push(new ProbeFailure('draining', 'is in maintenance mode'));
  }
  return findings;
}

/** What keeps an answer from being one. It never says anything about messaging. */
function troubleOf(answer: ManagementAnswer): ProbeFailure[] {
  if (answer.kind === 'silent') return [new ProbeFailure('management-only', answer.reason)];
  const { status } = answer;
  if (status === 401 || status === 403) {
    return [new ProbeFailure('auth', `the management API answers ${status} (password, or tag \`monitoring\`)`)];
  }
  if (status === 200 || status === 404 || isFailedCheck(answer)) return [];
  return [new ProbeFailure('management-only', `the management API answers ${status}`)];
}

function onePerClass(findings: ProbeFailure[]): ProbeFailure[] {
  return [...new Map(findings.map((finding) => [finding.failureClass, finding])).values()];
}
