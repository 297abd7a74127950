export { labDown } from './down.ts';
export { LabAlreadyRunning, LabError } from './errors.ts';
export type { ActiveFault } from './faultRecord.ts';
export type { Fault, FaultContext, FaultName } from './faults.ts';
export { faultNames, faults, injectFault } from './faults.ts';
export {
  haproxyCommand,
  haproxyServers,
  restartHaproxy,
  startHaproxy,
  stopHaproxy,
  writeHaproxyConfig,
} from './haproxy.ts';
export type { HaproxyOptions, HaproxyProxy, HaproxyServer } from './haproxyConfig.ts';
export { endpointChecks, endpointProxy, renderHaproxyConfig } from './haproxyConfig.ts';
export type { HealFaultOptions } from './heal.ts';
export { heal, healFault } from './heal.ts';
export type { Lab, OnProgress } from './lab.ts';
export { findLab, openLab } from './lab.ts';
export type { MendOptions } from './mend.ts';
export { canBlackhole } from './network.ts';
export { defaultLabDirectory } from './paths.ts';
export type { LabStatus, NodeStatus } from './status.ts';
export { labStatus } from './status.ts';
export type { LabNode, LabSite, LabTopology, LabUser, NodesPerSite, SiteName } from './topology.ts';
export { allNodes, labTopology, labUsers, siteNames, siteOf } from './topology.ts';
export type { LabUpOptions } from './up.ts';
export { labUp } from './up.ts';
