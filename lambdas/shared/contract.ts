/** Names that every function and whoever deploys it agree on. Imports nothing, so that infrastructure code can read it. */

/** Environment variables. */
export const environmentNames = {
  /** The configuration, a file beside the bundle. */
  config: 'WARREN_CONFIG',
  /** The function's own name among the vantages. */
  vantage: 'WARREN_VANTAGE',
  stateTable: 'WARREN_STATE_TABLE',
  historyTable: 'WARREN_HISTORY_TABLE',
  /** Where the tables are; by default the function's own Region. */
  storeRegion: 'WARREN_STORE_REGION',
  /** The kill switch: `1` observes only. */
  observe: 'WARREN_OBSERVE',
} as const;

/** The name of the configuration beside each bundle. */
export const configFile = 'warren.json';

/** Custom metrics, at most four per pair: what alarms are made of. The dimension is the pair. */
export const metrics = {
  namespace: 'Warren',
  dimension: 'Pair',
  names: {
    /** Turns of the loop that could read and write the store; none: nobody watches. */
    ticks: 'Ticks',
    /** 1: traffic would move by itself if the active side went down now; else 0. */
    protected: 'Protected',
    /** Decimal digits, each 0 or 1; see `troubles`. */
    trouble: 'Trouble',
    /** Days until the certificate that expires first does; absent where no node is reached by TLS. */
    certificateDaysLeft: 'CertificateDaysLeft',
  },
} as const;

/** What each digit of the metric `Trouble` says: its weight. An alarm takes its digit out by metric math. */
export const troubles = { activeDown: 1, decisionBlocked: 10, operationStalled: 100, fenceLeft: 1_000 } as const;
