import { CAUCASUS_LEVANT } from './caucasus-levant.ts';
import type { Culture } from './culture.ts';
import { EAST_ASIA } from './east-asia.ts';
import { GREEK_CYRILLIC } from './greek-cyrillic.ts';
import { LATIN_MORE } from './latin-more.ts';
import { LATIN_WEST } from './latin-west.ts';
import { SOUTH_ASIA } from './south-asia.ts';

/** Everyone there is to choose from. */
export const CULTURES: readonly Culture[] = [
  ...LATIN_WEST,
  ...LATIN_MORE,
  ...GREEK_CYRILLIC,
  ...CAUCASUS_LEVANT,
  ...SOUTH_ASIA,
  ...EAST_ASIA,
];
