/** Given and family names that may stand together: one half of the people where family names agree with gender. */
export interface Half {
  readonly given: readonly string[];
  readonly family: readonly string[];
}

/** How the people of one language are named, and where they live. */
export interface Culture {
  /** What a user's `language` says. */
  readonly language: string;
  /** How many of a hundred people or so belong here. */
  readonly share: number;
  /** Ways to put a name together from `{given}`, `{family}`, `{second}` (another family name) and `{initial}`. */
  readonly forms: readonly string[];
  readonly halves: readonly Half[];
  /** Pairs of a country code and a city. */
  readonly places: readonly (readonly [country: string, city: string])[];
}

/** Splits a list that is written in one string, with commas. */
export function list(text: string): readonly string[] {
  return text.split(',').map((item) => item.trim());
}

/** The cities of several countries as pairs. */
export function places(cities: Readonly<Record<string, string>>): Culture['places'] {
  return Object.entries(cities).flatMap(([country, names]) => list(names).map((city) => [country, city] as const));
}

/** Makes the other form of family names, changing the endings that are listed, the first that fits. */
export function feminine(family: readonly string[], endings: Readonly<Record<string, string>>): readonly string[] {
  return family.map((name) => {
    const ending = Object.keys(endings).find((end) => name.endsWith(end));
    return ending === undefined ? name : name.slice(0, name.length - ending.length) + endings[ending];
  });
}
