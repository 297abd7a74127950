/** What is used of the SDK of Route 53. Loaded when first needed, and by this file: bundled, it is no more than is named here. */
export {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
