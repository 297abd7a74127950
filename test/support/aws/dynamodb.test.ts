import { expect, test } from '@jest/globals';
import { javaVersionOf } from './dynamodb.ts';

test.each([
  ['openjdk version "17.0.9" 2023-10-17\nOpenJDK Runtime Environment', 17],
  ['openjdk version "21" 2023-09-19', 21],
  ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "25-ea" 2025-09-16', 25],
  ['openjdk version "11.0.20" 2023-07-18', 11],
  ['java version "1.8.0_392"', 8],
  ['The operation couldn’t be completed. Unable to locate a Java Runtime.', 0],
])('of %j the version of Java is %i', (text, version) => {
  expect(javaVersionOf(text)).toBe(version);
});
