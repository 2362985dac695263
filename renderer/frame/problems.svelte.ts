/** Calls that failed, in words for people, until dismissed. */
export class Problems {
  messages = $state.raw<string[]>([]);

  /** @param cause what was thrown */
  add(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.messages = [message, ...this.messages.filter((other) => other !== message)];
  }

  dismiss(message: string): void {
    this.messages = this.messages.filter((other) => other !== message);
  }
}
