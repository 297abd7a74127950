/**
 * Where a strongly consistent table of several Regions may be: three Regions of one set (developer guide, "Global tables",
 * Multi-Region strong consistency; the same sets are in the reference of CloudFormation, GlobalTableWitness).
 */
export const regionSets = {
  US: ['us-east-1', 'us-east-2', 'us-west-2'],
  EU: ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  AP: ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
} as const;

/** The Regions of the tables. With neither replicas nor a witness: one Region. */
export interface StoreRegions {
  /** The control Region, where the tables are created. */
  home: string;
  /** Other Regions that have both tables. */
  replicas?: readonly string[];
  /** Votes on writes to the state table, and holds nothing that can be read. */
  witness?: string | undefined;
}

/** All Regions that hold or vote. */
export function regionsOf({ home, replicas = [], witness }: StoreRegions): string[] {
  return [home, ...replicas, ...(witness === undefined ? [] : [witness])];
}

/** @returns what is wrong with the Regions of a table, as what was expected; null: nothing */
export function regionSetProblem(store: StoreRegions): string | null {
  const regions = regionsOf(store);
  if (regions.length === 1) return null;
  const { replicas = [] } = store;
  const fits = Object.values(regionSets).some((set) =>
    regions.every((each) => (set as readonly string[]).includes(each)),
  );
  const isThree = regions.length === 3 && new Set(regions).size === 3 && replicas.length > 0;
  if (fits && isThree) return null;
  const sets = Object.values(regionSets).map((set) => set.join(', '));
  return `three different Regions of one set, of which at most one is the witness: ${sets.join('; or ')}`;
}

/** The Regions of which any one may be lost while the tables can still be read and written. */
export function survivableRegions(store: StoreRegions): string[] {
  return regionsOf(store).length === 3 ? regionsOf(store) : [];
}

/** Which Regions' loss the tables survive, as a sentence. */
export function survivalSentence(store: StoreRegions): string {
  const regions = survivableRegions(store);
  if (regions.length === 0)
    return `The tables are in ${store.home} alone: they survive the loss of every other Region, and not of this one. While it is lost, Warren moves nothing.`;
  return `The tables survive the loss of any one of ${regions.join(', ')}, and of every other Region.`;
}
