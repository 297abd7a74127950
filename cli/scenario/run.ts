import { systemClock } from '../../adapters/system/clock.ts';
import type { Operation } from '../../core/model/operation.ts';
import { accountFor, startTraffic } from '../../lab/clients/traffic.ts';
import { restartHaproxy } from '../../lab/haproxy.ts';
import { heal } from '../../lab/heal.ts';
import type { Lab, OnProgress } from '../../lab/lab.ts';
import type { Course } from './course.ts';
import { courses } from './courses.ts';
import { writeScenarioFiles } from './files.ts';
import { readOperations } from './readStore.ts';
import { type ScenarioResult, timesOf } from './result.ts';
import { type Scenario, Unexpected } from './scenario.ts';
import { type OpenStage, openStage } from './stage.ts';

const queue = 'orders';
/** How long clients are watched after the story, so that a reconnect counts. */
const afterglowMs = 3_000;
/** How long what is still expected to be decided is waited for: a busy machine may take its time. */
const patienceMs = 10_000;

/**
 * Plays one scenario on a lab that is up and whole, and leaves it whole: a confirmed publisher and a consumer run
 * through the endpoint from before the first fault until after the last heal, and every message is accounted for.
 */
export async function runScenario(lab: Lab, scenario: Scenario, onProgress: OnProgress): Promise<ScenarioResult> {
  const { name, done, expected } = scenario;
  const reason = await whyNot(lab, scenario);
  if (reason !== null) return { name, done, expected, outcome: 'not-run', happened: reason };
  const files = writeScenarioFiles(lab, scenario);
  const stage = openStage(lab, files, onProgress);
  const traffic = await startTraffic({ lab, endpoint: lab.topology.endpoint, queue });
  let happened = '';
  let course: Course | undefined;
  try {
    happened = await playOn(stage, scenario);
    if (happened === '') await systemClock.sleep(afterglowMs);
    course = await stage.course(courses[name]?.decisions, patienceMs);
  } finally {
    await stage.close();
  }
  const operation = lastFinished(files.storePath);
  onProgress('>>> healing the lab and counting messages');
  const flow = await traffic.stop();
  await heal(lab, { onProgress });
  await restartHaproxy(lab);
  const messages = await accountFor(lab, flow);
  return {
    name,
    done,
    expected,
    outcome: happened === '' && messages.lost === 0 ? 'as-expected' : 'unexpected',
    happened: happened || (await describe(operation)),
    longestGapMs: flow.longestGapMs,
    times: timesOf(await operation, stage.injectedAtMs(), flow),
    messages,
    course,
  };
}

/** @returns what went wrong, or nothing. */
async function playOn(stage: OpenStage, scenario: Scenario): Promise<string> {
  try {
    await stage.ready(60_000);
    await scenario.play(stage);
    return '';
  } catch (error) {
    if (error instanceof Unexpected) return error.message;
    throw error;
  }
}

async function whyNot(lab: Lab, scenario: Scenario): Promise<string | null> {
  if (scenario.needsMajority && lab.topology.nodesPerSite < 3) return 'it needs three nodes per site';
  return (await scenario.cannotRun?.()) ?? null;
}

async function lastFinished(storePath: string): Promise<Operation | null> {
  return (await readOperations(storePath)).find(({ phase }) => phase === 'finished') ?? null;
}

async function describe(finished: Promise<Operation | null>): Promise<string> {
  const operation = await finished;
  return operation === null ? 'held: nothing was moved' : `${operation.verb} ${operation.epoch} to ${operation.to}`;
}
