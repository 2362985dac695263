import type { Note } from '../mailbox/message.ts';
import type { Extension, ParameterContext, ParameterTable } from './extensions.ts';
import { type Path, parseParameters, parsePath } from './path.ts';
import { type Reply, replies } from './replies.ts';

/** What MAIL or RCPT said. */
export interface MailArgument {
  path: Path;
  /** What it said beyond the path: keyword in upper case → value, or empty. */
  parameters: ReadonlyMap<string, string>;
  notes: readonly Note[];
}

/** What an argument is read by. */
interface Grammar extends ParameterContext {
  keyword: 'FROM:' | 'TO:';
  /** The parameters that the command has. */
  parameters: ParameterTable;
  /** Whether an extension is there for this client. */
  has: (extension: Extension) => boolean;
}

/** Reads what stands behind MAIL and RCPT (RFC 5321 section 4.1.1). @returns the reply that refuses it, where it is wrong */
export function readMailArgument(argument: string, grammar: Grammar): MailArgument | Reply {
  const { keyword, has } = grammar;
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword) {
    return replies.syntaxError(keyword === 'FROM:' ? 'MAIL FROM:<reverse-path>' : 'RCPT TO:<forward-path>');
  }
  const parsed = parsePath(argument.slice(keyword.length));
  if ('error' in parsed) return replies.syntaxError(parsed.error);
  const { path, rest, notes } = parsed;
  if (keyword === 'TO:' && path.mailbox === '') return replies.syntaxError('RCPT TO:<forward-path>');

  const read = parseParameters(rest);
  if ('error' in read) return replies.syntaxError(read.error);
  for (const [name, value] of read.parameters) {
    const parameter = grammar.parameters.get(name);
    if (parameter === undefined || !has(parameter.extension)) return replies.unknownParameter(name);
    const refusal = parameter.check(value, grammar);
    if (refusal !== null) return refusal;
  }
  return { path, parameters: read.parameters, notes };
}
