/** Whether a call of the system failed, and not the program. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

/**
 * What went wrong, as a sentence: of the system's errors without the call and the path, which may be of the program's own
 * making.
 */
export function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return isSystemError(error) ? `${message.replace(/, \w+(?: '.*)?$/s, '')}.` : message;
}
