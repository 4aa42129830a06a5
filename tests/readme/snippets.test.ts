import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSnippets, isRunnable, toScript } from './snippets.ts';

const PAGE = `# A page

\`\`\`sh
npm ci && npm start
\`\`\`

In a second terminal:

\`\`\`sh
export NAME=ann
\`\`\`

\`\`\`ts
declare const onlyRead: string;
\`\`\`

\`\`\`js
console.log(process.env.NAME);
\`\`\`
`;

describe('the reader of README.md', () => {
  it('pastes shell and JavaScript in the order of the page, and leaves out the start and what is only read', () => {
    const snippets = findSnippets(PAGE);
    assert.deepEqual(
      snippets.map(({ language, line }) => [language, line]),
      [
        ['sh', 3],
        ['sh', 9],
        ['ts', 13],
        ['js', 17],
      ],
    );
    const script = toScript(snippets.filter(isRunnable), ({ line }) => `node ${line}.mjs`);
    assert.deepEqual(
      script.split('\n').filter((line) => line !== ''),
      ["echo '--- README.md, line 9'", 'export NAME=ann', "echo '--- README.md, line 17'", 'node 17.mjs'],
    );
  });

  it('notices a block that does not end', () => {
    assert.throws(() => findSnippets('```sh\ntrue\n'), /line 1 does not end/);
  });
});
