import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { LabNode, SiteName } from './topology.ts';

/** Where the lab keeps its files: `WARREN_LAB_DIR`, or one directory per user of this machine. */
export function defaultLabDirectory(): string {
  return process.env.WARREN_LAB_DIR ?? join(tmpdir(), `warren-lab-${userInfo().uid}`);
}

/** The files and folders of one node. */
export function nodePaths(directory: string, node: LabNode) {
  const root = join(directory, 'nodes', node.name);
  return {
    root,
    home: join(root, 'home'),
    cookie: join(root, 'home', '.erlang.cookie'),
    database: join(root, 'database'),
    log: join(root, 'log'),
    config: join(root, 'rabbitmq.conf'),
    plugins: join(root, 'enabled_plugins'),
    pid: join(root, 'node.pid'),
    output: join(root, 'output.log'),
  };
}

/** The files of the lab as a whole. */
export function labPaths(directory: string) {
  return {
    record: join(directory, 'lab.json'),
    faults: join(directory, 'faults.json'),
    epmdOutput: join(directory, 'epmd.log'),
    haproxyConfig: join(directory, 'haproxy.cfg'),
    haproxyOutput: join(directory, 'haproxy.log'),
    brokerHome: join(directory, 'rabbitmq'),
    definitions: (site: SiteName) => join(directory, `definitions-${site}.json`),
  };
}
