/** One place where the watch function runs. */
export interface Vantage {
  /** As the pairs name it in their `vantages`. */
  name: string;
  region: string;
  /** Where brokers are reached from. @default the internet */
  network?: VantageNetwork;
}

/** A VPC that exists, by its ids, so that nothing has to be looked up. */
export interface VantageNetwork {
  vpcId: string;
  availabilityZones: string[];
  privateSubnetIds: string[];
  securityGroupIds: string[];
}

/** One installation of Warren: where its parts are. */
export interface Stage {
  /** @default the account of the credentials that deploy */
  account?: string;
  /** What physical names begin with; pairs of two installations in a Region need different names. @default warren */
  prefix?: string;
  /** The Regions of the primaries; none where they are not on AWS. Neither the store nor the control stack may be there. */
  primaryRegions: readonly string[];
  /** Where the tables, the API and the dashboard are. */
  controlRegion: string;
  /** One line for each place to watch from. */
  vantages: readonly Vantage[];
  /**
   * Vantages of the pairs that are not deployed by this stage and vote over the same tables, such as a host on-premises. A quorum
   * that cannot be reached with these and with those above is refused; so are tables in the configuration that are not this stage's.
   * @default none
   */
  vantagesElsewhere?: readonly string[];
  /** Regions of the tables beside the control Region. @default none: one Region */
  store?: { replicaRegions: readonly string[]; witnessRegion?: string };
  /** From where the control Region reaches brokers and targets, to look at them. @default the internet */
  controlNetwork?: VantageNetwork;
  /** Who is sent what alarms say. Each address has to agree once. @default nobody */
  alarmEmails?: readonly string[];
  /** Keys of your own that secrets are encrypted with. @default those of AWS */
  decryptionKeyArns?: readonly string[];
  /** Where your people read `docs/runbook.md`: alarms link to its headings. @default its path in the repository, which no mail can open */
  runbookUrl?: string;
  /** The kill switch of every function. @default false */
  observe?: boolean;
}
