/** What a measured process answers when it is asked. Questions and answers are numbers only. */
export type Answers = Readonly<Record<string, (...numbers: number[]) => number | Promise<number>>>;

/** A question over the channel between two processes. */
export interface Question {
  readonly ask: string;
  readonly numbers: readonly number[];
}

/** An answer; a text says what went wrong. */
export interface Answer {
  readonly answer: number | string;
}

/** Answers the process that started this one, one question at a time, and ends with it. */
export function serve(answers: Answers): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (question: Question) => {
    void answerTo(question, answers).then((answer) => process.send?.({ answer } satisfies Answer));
  });
}

async function answerTo({ ask, numbers }: Question, answers: Answers): Promise<number | string> {
  try {
    return (await answers[ask]?.(...numbers)) ?? `nobody answers to ${ask}`;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** The memory of this process in bytes, once what is not needed is given back. */
export async function restingMemory(): Promise<number> {
  await collect();
  return process.memoryUsage.rss();
}

/** What of the memory of this process is in use, in bytes: what is given back may stay with the process for later. */
export async function usedMemory(): Promise<number> {
  await collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function collect(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
