import { stripVTControlCharacters, styleText } from 'node:util';
import type { Severity } from '../core/model/decision.ts';
import type { HealthState } from '../core/model/health.ts';

/** What we write fits a terminal of this width. */
export const pageColumns = 80;

/** One line without control characters: parts of it come from brokers and files, and must not steer the terminal. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}

/** Breaks a text between words; every line but the first starts with `indent` spaces. */
export function wrap(text: string, indent: number, columns = pageColumns): string {
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns - indent) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** `  label     text`, the text wrapped beside its label. */
export function row(label: string, text: string, labelColumns: number, margin = 2): string {
  const indent = margin + labelColumns + 1;
  return `${' '.repeat(margin)}${label.padEnd(labelColumns)} ${wrap(text, indent)}`;
}

// styleText itself leaves colour out when stdout is no terminal, or NO_COLOR is set.

export function colourBySeverity(severity: Severity, text: string): string {
  if (severity === 'info') return text;
  return styleText(severity === 'critical' ? ['red', 'bold'] : 'yellow', text);
}

const stateColours = { up: 'green', degraded: 'yellow', suspect: 'yellow', down: 'red', unknown: 'magenta' } as const;

export function colourByState(state: HealthState, text: string): string {
  return styleText(stateColours[state], text);
}

export const bold = (text: string) => styleText('bold', text);
export const dim = (text: string) => styleText('dim', text);

/** Writes lines to stdout. */
export function print(...lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Writes one JSON value, on one line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}
