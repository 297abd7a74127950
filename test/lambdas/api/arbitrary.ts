import fc from 'fast-check';

const moment = fc.oneof(fc.constantFrom('1h', '0s', '2026-01-01T00:00:00Z', '0000-01-01T00:00:00Z'), fc.anything());
/** Bodies of requests, from nothing at all to those that a route may want. */
export const anyBody = fc.oneof(
  fc.constant(''),
  fc.string({ maxLength: 50, unit: 'binary' }),
  fc.json(),
  fc
    .record(
      {
        verb: fc.oneof(fc.constantFrom('failover', 'switchover', 'drill'), fc.anything()),
        reason: fc.oneof(fc.string(), fc.anything()),
        dryRun: fc.oneof(fc.boolean(), fc.anything()),
        overrides: fc.oneof(fc.array(fc.string()), fc.anything()),
        at: moment,
        until: moment,
        for: moment,
        hold: moment,
        to: fc.oneof(fc.string(), fc.anything()),
        drift: fc.oneof(fc.constantFrom('adopt', 'restore'), fc.anything()),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each)) ?? ''),
  fc.constantFrom('{"__proto__": {"reason": "x"}, "reason": "x"}', '['.repeat(8_000), `"${'x'.repeat(20_000)}"`),
);
