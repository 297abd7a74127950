/** What is used of the SDK of SNS. Loaded when first needed, and by this file: bundled, it is no more than is named here. */
export { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
