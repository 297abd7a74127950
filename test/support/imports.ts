/** What a module imports, as written: of values and of types, at its top and while it runs. Built modules and types included. */
export function specifiersOf(text: string): string[] {
  const statements = /^(?:import|export)\b[^;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\(['"]([^'"]+)['"]\)/gm;
  return [...text.matchAll(statements)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}
