import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { bundleFunctions, loadConfig, WarrenControl, WarrenStore, WarrenVantage } from 'warren-dr';

/**
 * Warren as a part of somebody's own app: one stack in the Region of the standby, whose function runs in the VPC from which the
 * brokers are reached. `node app.ts` synthesizes it, without credentials and without a network.
 */
const configPath = new URL('warren.yaml', import.meta.url).pathname;
const config = loadConfig(configPath);
const code = await bundleFunctions('dist/functions', configPath);

const app = new App();
const stack = new Stack(app, 'messaging-dr', { env: { region: 'eu-west-1' } });
const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });

const store = new WarrenStore(stack, 'Store', { primaryRegions: ['eu-central-1'] });
const control = new WarrenControl(stack, 'Control', {
  config,
  code,
  store: store.reference(),
  vantages: [{ name: 'ireland', region: 'eu-west-1' }],
  network: { vpc },
  alarmEmails: ['on-call@example.com'],
});
new CfnOutput(stack, 'Url', { value: control.api.url });
new WarrenVantage(stack, 'Ireland', {
  vantage: 'ireland',
  config,
  code: code.watch,
  store: store.reference(),
  network: { vpc },
  alarmTopic: control.topic,
});

app.synth();
