/**
 * JSON as Box sends it: `/` as `\/` and everything beyond ASCII as `\u....`. Being pure ASCII, it has one byte for
 * each character.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[/\u007f-\uffff]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return character === '/' ? '\\/' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
