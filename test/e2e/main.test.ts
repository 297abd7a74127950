import { describeScenarios, mainScenarios } from '../support/e2e.ts';

await describeScenarios('on real clusters', mainScenarios);
