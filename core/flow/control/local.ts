import { ack } from './ack.ts';
import { approve } from './approve.ts';
import { cancel } from './cancel.ts';
import type { Control } from './control.ts';
import { operate } from './operate.ts';
import type { ControlOptions } from './options.ts';
import { endMaintenance, maintain, pause, resume } from './pause.ts';
import { createReading } from './read.ts';
import { rehearse } from './rehearse.ts';
import { retry } from './retry.ts';

/** Control over a store: what is asked for is written there, and the service that watches the pair does it. */
export function createControl(options: ControlOptions): Control {
  return {
    ...createReading(options),
    rehearse: (pair, wanted) => rehearse(options, pair, wanted),
    operate: (caller, pair, wanted) => operate(options, caller, pair, wanted),
    cancel: (caller, id, why) => cancel(options, caller, id, why),
    approve: (caller, pair, why) => approve(options, caller, pair, why),
    retry: (caller, pair, why) => retry(options, caller, pair, why),
    ack: (caller, pair, why) => ack(options, caller, pair, why),
    pause: (caller, pair, why) => pause(options, caller, pair, why),
    resume: (caller, pair, why) => resume(options, caller, pair, why),
    maintain: (caller, pair, site, why) => maintain(options, caller, pair, site, why),
    endMaintenance: (caller, pair, site, why) => endMaintenance(options, caller, pair, site, why),
    close: async () => await options.close?.(),
  };
}
