/** Names that the function and whoever deploys it agree on. Imports nothing, so that infrastructure code can read it. */

/**
 * Longer than the pause between two starts: runs overlap by some seconds, in which the next one gathers its own evidence while
 * this one still acts.
 */
export const timeoutSeconds = 70;

/** What is left of the timeout when a run begins to end: for the turn that is under way, and to close everything. */
export const reserveSeconds = 4;
