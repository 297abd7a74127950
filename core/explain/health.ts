import type { NodeState, SiteHealth } from '../model/health.ts';
import { type FailureClass, failureClasses } from '../model/probe.ts';
import { list, plural } from './words.ts';

/** One sentence about a site: `beijing is down: 3 of 3 nodes refuse connections.` */
export function healthSentence(health: SiteHealth): string {
  const { site, state, nodes } = health;
  if (state === 'up') return `${site} is up: messages go through ${allNodes(nodes.length)}.`;
  const reason = healthReason(health);
  return `${site} is ${state}${reason ? `: ${reason}` : ''}.`;
}

/** Why a site is not up, without the site's name and the full stop; empty when there is nothing to say. */
export function healthReason({ nodes, state }: SiteHealth): string {
  const recovering = nodes.filter((node) => node.state === 'recovering');
  if (recovering.length > 0 && state !== 'down') {
    const names = list(recovering.map(({ node }) => node));
    return [`${names} answered again and must keep doing so`, ...causesOf(nodes, recovering)].join('; ');
  }
  const causes = causesOf(nodes, []);
  if (causes.length > 0) return causes.join('; ');
  const unseen = nodes.filter((node) => node.state === 'unseen').length;
  return unseen > 0 ? `${unseen === nodes.length ? 'no node' : `${unseen} of ${nodes.length} nodes not`} seen yet` : '';
}

/** What was found, class by class, but for these nodes: what was found of them is over. */
function causesOf(nodes: SiteHealth['nodes'], without: SiteHealth['nodes']): string[] {
  const findings = nodes.filter((node) => !without.includes(node)).flatMap((node) => node.findings);
  const classes = [...new Set(findings.map((finding) => finding.class))];
  return classes.map((name) => causePhrase(name, nodes));
}

function causePhrase(cause: FailureClass, nodes: SiteHealth['nodes']): string {
  const affected = nodes.filter(({ findings }) => findings.some((finding) => finding.class === cause));
  const who = affected.length === nodes.length ? allNodes(nodes.length) : list(affected.map(({ node }) => node));
  const meaning = failureClasses[cause].meaning;
  return `${who} ${affected.length === 1 ? meaning : pluralVerb(meaning)}`;
}

const allNodes = (count: number) => (count === 1 ? 'its one node' : `all ${count} nodes`);

/** The meanings are written for one node; several nodes need the other form of the verbs they use. */
function pluralVerb(meaning: string): string {
  return meaning
    .replace(/^does /, 'do ')
    .replace(/^has /, 'have ')
    .replace(/^is /, 'are ')
    .replace(/^(refuse|accept|block|reject|fail|belong|report)s /, '$1 ')
    .replace('but does not', 'but do not')
    .replace(' its ', ' their ');
}

/** What a condition that alerts means, and what to look at. */
export function alertSentence(site: string, name: FailureClass, nodes: string[], detail: string): string {
  const meaning = nodes.length === 1 ? failureClasses[name].meaning : pluralVerb(failureClasses[name].meaning);
  return `${site}: ${list(nodes)} ${meaning}${detail ? ` (${detail})` : ''}.`;
}

export function alertOverSentence(site: string, name: FailureClass): string {
  return `${site}: there is no node any more that ${failureClasses[name].meaning}.`;
}

/** What keeps a site from being a destination, without a full stop. */
export function unreadiness(health: SiteHealth | undefined, rise: number): string {
  if (!health) return 'it has not been seen';
  const wrong = health.nodes.filter(({ state }) => state !== 'passing' && state !== 'unseen');
  const first = wrong[0];
  if (first) {
    const finding = first.findings[0];
    const what = finding ? failureClasses[finding.class].meaning : stateWords[first.state];
    return `${first.node} ${what}${wrong.length > 1 ? `, and ${plural(wrong.length - 1, 'other node')} too` : ''}`;
  }
  const short = health.nodes.filter(({ state, passes }) => state === 'unseen' || passes < rise);
  return `${list(short.map(({ node }) => node))} ${short.length === 1 ? 'has' : 'have'} not passed ${rise} times in a row yet`;
}

const stateWords: Record<NodeState, string> = {
  unseen: 'has not been seen yet',
  passing: 'passes',
  warned: 'serves with a warning',
  suspect: 'is suspect',
  failed: 'has failed',
  recovering: 'is recovering',
  blind: 'cannot be judged',
};
