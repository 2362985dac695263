import type { Envelope } from './message.ts';

/** What most clients leave unsaid: a fifth of what is kept of a message beside its bytes would be that nothing was said. */
const unsaid = { parameters: {}, tls: null, user: null };

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/** @returns the envelope as JSON, without what is unsaid */
export function packEnvelope(envelope: Envelope): string {
  const { parameters, forwardPathParameters, tls, user, ...said } = envelope;
  return JSON.stringify({
    ...said,
    ...(!isEmpty(parameters) && { parameters }),
    ...(!forwardPathParameters.every(isEmpty) && { forwardPathParameters }),
    ...(tls !== null && { tls }),
    ...(user !== null && { user }),
  });
}

/** Reads what {@link packEnvelope} made. */
export function unpackEnvelope(json: string): Envelope {
  const envelope = { ...unsaid, ...(JSON.parse(json) as Pick<Envelope, 'forwardPaths'> & Partial<Envelope>) };
  return { forwardPathParameters: envelope.forwardPaths.map(() => ({})), ...envelope } as Envelope;
}
