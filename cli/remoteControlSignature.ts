import { systemClock } from '../adapters/system/clock.ts';
import type { Identity, Outgoing } from './remoteControlIdentity.ts';
import type { Signed } from './remoteControlSigner.ts';

/** The API's id and its Region (API Gateway developer guide, "Invoke REST APIs", "Obtaining an API's invoke URL"). */
const gatewayName = /^([a-z0-9]+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** The Region in the name of an API of API Gateway; undefined: it is no such name. */
export function gatewayRegion(hostname: string): string | undefined {
  return hostname.match(gatewayName)?.[2];
}

/** "Signatures are valid for five minutes" (IAM user guide, "AWS Signature Version 4 for API requests"). */
const signatureHoldsMs = 5 * 60_000;
/** A `Date` is in whole seconds, and the answer took its time. */
const clockSlackMs = 10_000;

/**
 * Whoever the AWS credentials of this machine are, by a signature (Signature Version 4) for API Gateway in a Region. They are found
 * as AWS tools find them, by the SDK, which is loaded with the first request.
 */
export function bySignature(region: string, timeoutMs: number): Identity {
  let signing: Promise<(request: Outgoing) => Promise<Signed>> | undefined;
  let keyId = '';
  return {
    async identified(request) {
      signing ??= import('./remoteControlSigner.ts').then(({ createSigner }) => createSigner(region, timeoutMs));
      const signed = await (await signing)(request);
      keyId = signed.keyId;
      return signed.request;
    },
    refused({ method, url }, { status, headers }) {
      const aheadMs = systemClock.nowMs() - Date.parse(String(headers.date ?? ''));
      if (Math.abs(aheadMs) > signatureHoldsMs - clockSlackMs) return clockWords(aheadMs, status);
      const [, api = 'API_ID'] = url.hostname.match(gatewayName) ?? [];
      const route = `arn:${partitionOf(region)}:execute-api:${region}:ACCOUNT:${api}/*/${method}${url.pathname}`;
      const who = `the AWS credentials ${shownKey(keyId)}`;
      return (
        `API Gateway does not let ${who} do this (${status}): they need execute-api:Invoke on ${route}, ` +
        'or are not valid any more. `aws sts get-caller-identity` says whose they are.'
      );
    },
  };
}

function clockWords(aheadMs: number, status: number): string {
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return `the clock of this machine is ${minutes} minutes ${direction} the one there, and a signature holds for five: set it (${status}).`;
}

/** As AWS tools show it: an access key id is no secret, but nobody needs all of it. */
const shownKey = (keyId: string) => `****************${keyId.slice(-4)}`;

/** AWS General Reference, "Amazon Resource Names". */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
