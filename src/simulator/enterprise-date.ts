/** A time as an enterprise in California writes it, to the second; the offset depends on the season. */
export function enterpriseDate(at: number): string {
  const month = new Date(at).getUTCMonth();
  const hours = month > 2 && month < 10 ? 7 : 8;
  return `${new Date(at - hours * 3_600_000).toISOString().slice(0, 19)}-0${hours}:00`;
}
