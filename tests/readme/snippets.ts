/** A fenced block of a page. */
export interface Snippet {
  readonly language: string;
  readonly code: string;
  /** The line on which it begins, for a person who looks for it. */
  readonly line: number;
}

/** Finds the fenced blocks of a Markdown text, in order. */
export function findSnippets(markdown: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (open && fence) {
      snippets.push({ language: open.language, line: open.line, code: open.lines.join('\n') });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (fence) open = { language: fence[1] ?? '', line: index + 1, lines: [] };
  }
  if (open) throw new Error(`the block that begins on line ${open.line} does not end`);
  return snippets;
}

/** Whether a reader is meant to run it: JavaScript, and every shell block but the one that installs and starts. */
export function isRunnable({ language, code }: Snippet): boolean {
  if (language === 'js') return true;
  return ['sh', 'bash'].includes(language) && !code.trimStart().startsWith('npm ci');
}

/** What a shell says before it begins the snippet of this line, so that a failure can be found. */
export const beginning = (line: number): string => `--- README.md, line ${line}`;

/**
 * One script for all of them, in the order of the page, in one shell: what one exports, the next may use. `run` makes the
 * shell command of a JavaScript snippet.
 */
export function toScript(snippets: readonly Snippet[], run: (snippet: Snippet) => string): string {
  return snippets
    .map((snippet) => {
      const command = snippet.language === 'js' ? run(snippet) : snippet.code;
      return `echo '${beginning(snippet.line)}'\n${command}\n`;
    })
    .join('\n');
}
