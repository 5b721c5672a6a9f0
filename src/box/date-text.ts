/** RFC 3339, on a day that every month has. */
const everyMonth =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const monthsEnd =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:29|30|31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** Years that an offset may carry out of what four digits can say. */
const outermost = /^(?:0000|9999)/;

/**
 * True for a date and time as RFC 3339 has it that exists, and that is in the years 0 to 9999 also in UTC: those are the
 * dates that Elasticsearch takes. Box keeps what a client has set, so that 30 February and the year 10000 do occur.
 */
export function isDateText(text: string): boolean {
  if (!everyMonth.test(text) && !(monthsEnd.test(text) && hasDay(text.slice(0, 10)))) return false;
  if (!outermost.test(text)) return true;
  const year = new Date(Date.parse(text)).getUTCFullYear();
  return year >= 0 && year <= 9_999;
}

/** Date itself takes 30 February for 1 March. */
function hasDay(date: string): boolean {
  return new Date(Date.parse(`${date.slice(0, 8)}01T00:00:00Z`) + (Number(date.slice(8)) - 1) * 86_400_000)
    .toISOString()
    .startsWith(date);
}
