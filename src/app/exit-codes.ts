/** How a command ended, for a supervisor. */
export const exitCodes = {
  complete: 0,
  failed: 1,
  configuration: 2,
  /** Finished, but something was not read, was rejected, or is held back. */
  incomplete: 3,
  /** Stopped by a signal; the next run goes on. */
  interrupted: 130,
} as const;
