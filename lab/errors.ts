import type { LabStatus } from './status.ts';

/** Something in the lab that a person can put right: the message says what happened and what to do. */
export class LabError extends Error {
  override readonly name: string = 'LabError';
}

/** `labUp` found processes of a lab in the same directory. */
export class LabAlreadyRunning extends LabError {
  override readonly name = 'LabAlreadyRunning';
  readonly status: LabStatus;

  constructor(status: LabStatus) {
    super(`A lab is already running in ${status.directory}. Use it, or stop it first with "warren lab down".`);
    this.status = status;
  }
}
