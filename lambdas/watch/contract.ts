/** Names that the function and whoever deploys it agree on. Imports nothing, so that infrastructure code can read it. */

/**
 * Longer than the pause between two starts: runs overlap by some seconds, in which the next one gathers its own evidence while
 * this one still acts.
 */
export const timeoutSeconds = 70;

/**
 * What is left of the timeout when a run begins to end: for the turn that is under way, for what waits to be told, and to close
 * everything. What the turn takes the telling has not: people are told by the log too, and a run that is stopped tells nobody.
 */
export const reserveSeconds = 4;

/** The end of the reserve, which neither the turn nor the telling may use: to close everything. */
export const closingSeconds = 0.5;
