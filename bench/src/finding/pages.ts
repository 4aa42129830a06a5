import { sendOne } from '../load/http.ts';
import { queries } from '../load/requests.ts';
import { type Question, TIMES } from './questions.ts';

const PAGE = 30;
const DEEP = 1000;
/** So many of the deepest pages are asked for in turn. */
const ASKED = 100;

/** Goes from page to page by the cursor, and asks for the first and for those about the thousandth. */
export async function pagesOf(port: number, users: number): Promise<readonly Question[]> {
  const deepest = Math.min(DEEP, Math.floor(users / PAGE) - 1);
  const deep: object[] = [];
  let next: string | undefined;
  for (let page = 1; page <= deepest; page += 1) {
    const payload = next === undefined ? {} : { next };
    if (page > deepest - ASKED) deep.push(payload);
    next = nextIn(await sendOne(port, queries([payload])[0] ?? Buffer.alloc(0)));
  }
  const times = (payloads: readonly object[]): object[] =>
    Array.from({ length: TIMES }, (_, at) => payloads[at % payloads.length] ?? {});
  return [
    { work: 'nothing but the default sort: page 1', payloads: times([{}]) },
    { work: 'the same, by cursor: page 1,000, or the last there is', payloads: times(deep) },
  ];
}

function nextIn(answer: string): string {
  const { next } = JSON.parse(answer);
  if (typeof next !== 'string') throw new Error(`a page without a next: ${answer.slice(0, 200)}`);
  return next;
}
