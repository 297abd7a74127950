/** Rates that readings keep to, and whoever deploys them counts with. Imports nothing, so that infrastructure code can read it. */

/** Of a whole account, whoever asks and from wherever (developer guide, "Quotas", "Route 53 API requests"). */
export const requestsPerSecondMax = 5;

/** Readings leave this many of them to flips, which read, write and read back. */
export const keptForFlips = 2;

/** What readings of all vantages together may ask for all the time. */
export const readsPerSecondMax = requestsPerSecondMax - keptForFlips;

/** Readings of one zone by one process are no more often than this for long, however many pairs have a record there at rest. */
export const readEveryMs = 1_000;
