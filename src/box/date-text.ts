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
  if (!everyMonth.test(text) && !(monthsEnd.test(text) && hasDay(text))) return false;
  if (!outermost.test(text)) return true;
  const year = new Date(Date.parse(text)).getUTCFullYear();
  return year >= 0 && year <= 9_999;
}

/** Of the 29th to the 31st; `Date` itself takes 30 February for 1 March. A tenth of all dates come here. */
function hasDay(text: string): boolean {
  const year = Number(text.slice(0, 4));
  const month = text.slice(5, 7);
  const day = text.slice(8, 10);
  if (month === '02') return day === '29' && (year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0));
  return day !== '31' || !(month === '04' || month === '06' || month === '09' || month === '11');
}
