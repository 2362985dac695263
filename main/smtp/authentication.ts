import type { Credentials, Exchange } from './sasl.ts';
import { decodeBase64, mechanisms } from './sasl.ts';
import { type Reply, replies } from './replies.ts';

/** What authentication is checked against. */
export interface AuthenticationOptions {
  /** What the server calls itself, for challenges. */
  hostName: string;
  /** Who may authenticate: user → password. Null: whoever, with whatever password. */
  accounts: ReadonlyMap<string, string> | null;
}

/** The AUTH command and what follows it (RFC 4954): whom the client is known as. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #unique: () => string;
  #exchange: Exchange | null = null;
  #user: string | null = null;

  /** @param unique gives what it never gave before; printable ASCII without spaces */
  constructor(options: AuthenticationOptions, unique: () => string) {
    this.#options = options;
    this.#unique = unique;
  }

  /** Null until the client has authenticated. */
  get user(): string | null {
    return this.#user;
  }

  /** Whether the next line answers a challenge. */
  get isGoingOn(): boolean {
    return this.#exchange !== null;
  }

  /** Begins with what stands behind AUTH. @returns a challenge, or how it ended */
  begin(argument: string): Reply {
    if (this.#user !== null) return replies.authenticatedAlready;
    const [name = '', initial, ...more] = argument.trim().split(/ +/);
    if (name === '' || more.length > 0) return replies.syntaxError('AUTH <mechanism> [<initial response>]');
    const mechanism = mechanisms.get(name.toUpperCase());
    if (mechanism === undefined) return replies.unknownMechanism;

    // RFC 4954 section 4: a single equals sign stands for an empty initial response.
    const response = initial === undefined ? null : decodeBase64(initial === '=' ? '' : initial);
    if (initial !== undefined && response === null) return replies.authMalformed;
    this.#exchange = mechanism(`<${this.#unique()}@${this.#options.hostName}>`, response);
    return this.#continue(this.#exchange.next());
  }

  /** Goes on with a line that answers a challenge. @returns a further challenge, or how it ended */
  respond(line: string): Reply {
    const response = decodeBase64(line);
    if (this.#exchange !== null && response !== null) return this.#continue(this.#exchange.next(response));
    this.cancel();
    return line === '*' ? replies.authCancelled : replies.authMalformed;
  }

  /** Ends the exchange that goes on, if one does. */
  cancel(): void {
    this.#exchange = null;
  }

  /** RFC 3207 section 4.2: what was said before TLS does not hold any more. */
  forget(): void {
    this.#user = null;
  }

  #continue(step: IteratorResult<string, Credentials | null>): Reply {
    if (step.done !== true) return replies.authChallenge(Buffer.from(step.value).toString('base64'));
    this.#exchange = null;
    if (step.value === null) return replies.authMalformed;
    const { user, prove } = step.value;
    const { accounts } = this.#options;
    const password = accounts?.get(user);
    if (accounts !== null && (password === undefined || !prove(password))) return replies.authFailed;
    this.#user = user;
    return replies.authenticated;
  }
}
