/** The time, to the minute: what was written with it follows when the day turns. */
export class Clock {
  /** Milliseconds since the epoch. */
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), 60_000);
  }
}
