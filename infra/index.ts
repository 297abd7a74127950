/** What other CDK apps build Warren from. */
export { loadConfig } from '../adapters/system/loadConfig.ts';
export { type AlarmKind, alarmKinds } from './alarms.ts';
export { bundleFunctions, type FunctionName } from './bundle.ts';
export { WarrenControl, type WarrenControlProps } from './control.ts';
export { WarrenDashboard, type WarrenDashboardProps } from './dashboard.ts';
export type { FunctionTuning } from './function.ts';
export { WarrenHealthSwitch, type WarrenHealthSwitchProps } from './healthSwitch.ts';
export type { StoreReference } from './names.ts';
export type { FunctionNetwork } from './network.ts';
export { WarrenPairAlarms, type WarrenPairAlarmsProps } from './pairAlarms.ts';
export { RefusalError } from './refusals.ts';
export { addStacks, type FunctionFolders, WarrenControlStack, WarrenVantageStack } from './stacks.ts';
export type { Stage, Vantage } from './stage.ts';
export { storeReference, WarrenStore, type WarrenStoreProps } from './store.ts';
export { healthCheckerRanges, WarrenSwitchBucket, type WarrenSwitchBucketProps } from './switchBucket.ts';
export { WarrenVantage, type WarrenVantageProps } from './vantage.ts';
