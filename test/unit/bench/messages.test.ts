import { expect, test } from 'vitest';
import { digest } from '../../../main/mime/parse.ts';
import { MessageMaker } from '../../bench/messages.ts';

async function* whole(bytes: Buffer): AsyncGenerator<Uint8Array> {
  // In memory of its own, as the parser frees it.
  yield await Promise.resolve(new Uint8Array(bytes));
}

test('the parser reads of the messages of the bench what is indexed of them there', async () => {
  const maker = new MessageMaker();
  for (let number = 1; number <= 100; number++) {
    const { bytes, digested } = maker.make(number);
    const read = await digest(whole(bytes));
    // Where table cells run together, a line of the HTML has words that the text beside it has not.
    expect(read.text.body.startsWith(digested.text.body)).toBe(true);
    expect({ ...read, text: { ...read.text, body: digested.text.body } }).toEqual(digested);
  }
});

test('a message of the bench is the same each time', () => {
  expect(new MessageMaker().make(7)).toEqual(new MessageMaker().make(7));
});
