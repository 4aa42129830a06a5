import { writeFileSync } from 'node:fs';
import { SETTINGS } from './config.ts';

/** Where the page of settings lies. */
export const SETTINGS_PAGE = new URL('../../../docs/settings.md', import.meta.url);

/** The page of settings, made from the table that reads them. */
export function settingsPage(): string {
  const rows = Object.entries(SETTINGS).map(([name, { standard, help }]) => {
    const shown = standard === false ? 'no' : standard === undefined ? 'unset' : `\`${standard}\``;
    return `| \`${name}\` | ${help} | ${shown} |`;
  });
  return `# Settings

Settings are environment variables. An unknown \`ROLLCALL_*\` name refuses to start. This page is written by
\`npm run settings-page\`; a test holds it against the program.

| name | what it is | standard |
|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main) writeFileSync(SETTINGS_PAGE, settingsPage());
