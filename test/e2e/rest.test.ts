import { describeScenarios, otherScenarios } from '../support/e2e.ts';

await describeScenarios('on real clusters, all other scenarios', otherScenarios);
