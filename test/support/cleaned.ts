import { CleanText, type TextOptions } from '../../src/extractors/clean-text.js';

/** The whole text at once, as `CleanText` makes it. */
export function cleaned(text: string, options: TextOptions): string {
  const clean = new CleanText(options);
  clean.add(text);
  return JSON.parse(clean.toJson()) as string;
}
