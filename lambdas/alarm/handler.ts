import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { systemClock } from '../../adapters/system/clock.ts';
import { restSecrets } from '../shared/credentials.ts';
import { createLogger } from '../shared/logger.ts';
import { readSettings } from '../shared/settings.ts';
import { controlOf, openStore } from '../shared/wiring.ts';
import { type Answered, answerAlarm } from './answer.ts';
import { logKinds } from './contract.ts';
import { alarmChangeOf } from './event.ts';

const logger = createLogger();

/** What the function answers, for whoever looks at it by hand. */
interface Summary {
  alarm: string;
  state: string;
  answered: Answered[];
}

/** What goes wrong is thrown: Lambda starts it again, and the event's id keeps that from being done twice. */
async function onAlarm(event: unknown): Promise<Summary> {
  const change = alarmChangeOf(event);
  const { name: alarm, state } = change;
  const settings = readSettings(process.env);
  const store = openStore(settings);
  try {
    const tools = { control: controlOf(settings, store), store, clock: systemClock };
    const answered = await answerAlarm(tools, settings.config.pairs, change);
    for (const { sentence, ...what } of answered)
      logger.info(sentence, { kind: logKinds.alarm, alarm, state, ...what });
    if (answered.length === 0)
      logger.info(`No pair names the alarm ${alarm}: nothing is done.`, { kind: logKinds.alarm, alarm, state });
    return { alarm, state, answered };
  } finally {
    await store.close();
    restSecrets();
  }
}

// No early answer: whatever goes on after an answer is frozen in the middle.
export const handler = middy(onAlarm, { timeoutEarlyInMillis: 0 }).use(
  injectLambdaContext(logger, { resetKeys: true }),
);
