import { isOvertaken, type Observation } from '../../core/model/observation.ts';
import type { Database } from './database.ts';

/** Replaces what the vantage said last, unless this is lasting and comes late. */
export function writeObservation(database: Database, observation: Observation): void {
  const { pair, vantage } = observation;
  database.write(() => {
    const row = database
      .statement('select document from observations where pair = ? and vantage = ?')
      .get(pair, vantage);
    if (row && isOvertaken(observation, JSON.parse(String(row.document)))) return;
    database
      .statement('insert or replace into observations values (?, ?, ?)')
      .run(pair, vantage, JSON.stringify(observation));
  });
}

export function listObservations(database: Database, pair: string): Observation[] {
  return database.read(() =>
    database
      .statement('select document from observations where pair = ? order by vantage')
      .all(pair)
      .map((row) => JSON.parse(String(row.document))),
  );
}
