import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Beside the configuration: while a file of this name exists, nothing is acted on. */
export const killSwitchFile = 'warren.observe';

/** A switch that needs no store: while it is on, Warren observes and acts on nothing. */
export interface KillSwitch {
  isOn(): boolean;
  /** How it is, or could be, switched on. */
  readonly file: string;
}

export function createKillSwitch(configPath: string, environment: NodeJS.ProcessEnv): KillSwitch {
  const file = join(dirname(configPath), killSwitchFile);
  const byEnvironment = environment.WARREN_OBSERVE === '1';
  return { file, isOn: () => byEnvironment || mayExist(file) };
}

/** Whether it is there cannot be known when its folder cannot be read, and then the safe answer is yes. */
function mayExist(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
