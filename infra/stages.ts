import type { Stage } from './stage.ts';

/**
 * Where Warren is installed. `npx cdk deploy -c stage=NAME` chooses; without it, the first. A second and a third vantage are a
 * line each, with the same name in the `vantages` of every pair in `warren.yaml`. A quorum that they cannot be is refused.
 */
export const stages = {
  prod: {
    primaryRegions: ['eu-central-1'],
    controlRegion: 'eu-west-1',
    vantages: [
      { name: 'ireland', region: 'eu-west-1' },
      // { name: 'london', region: 'eu-west-2' },
      // { name: 'paris', region: 'eu-west-3' },
    ],
    // Where your people read docs/runbook.md: the alarms link to it.
    // runbookUrl: 'https://…',
    // With three vantages: tables that survive the loss of any one Region. Only before the first deployment.
    // store: { replicaRegions: ['eu-west-2', 'eu-west-3'] },
  },
} satisfies Record<string, Stage>;
