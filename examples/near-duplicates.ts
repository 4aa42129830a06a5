/** One name as several people might write it, all with one key: the plain spelling first. */
export interface NearDuplicate {
  readonly language: string;
  readonly spellings: readonly [plain: string, ...others: string[]];
}

/**
 * Names that differ to the eye or to a byte comparison, and yet are one name to Rollcall. Every spelling is a person of
 * the user base; no two of them could sign up once `enforce_unique_usernames` is on.
 */
export const NEAR_DUPLICATES: readonly NearDuplicate[] = [
  // Case, punctuation, white space, full width, an invisible space.
  { language: 'en', spellings: ['John Doe', 'john.doe', 'ＪＯＨＮ ＤＯＥ', 'JOHN-DOE', 'John\u200b Doe', 'john_doe'] },
  { language: 'en', spellings: ['Jane Roe', 'jane.roe', 'JaneRoe', 'J A N E  R O E', '🌻 Jane Roe 🌻'] },
  { language: 'en', spellings: ["Mary O'Neill", 'Mary O’Neill', 'mary oneill', "MARY O'NEILL"] },
  { language: 'en', spellings: ['Sofia Fielding', 'Soﬁa Fielding', '𝐒𝐨𝐟𝐢𝐚 𝐅𝐢𝐞𝐥𝐝𝐢𝐧𝐠', 'Ⓢⓞⓕⓘⓐ Ⓕⓘⓔⓛⓓⓘⓝⓖ'] },
  { language: 'en', spellings: ['Kelvin Kay 2', '\u212aelvin Kay ²', 'kelvin-kay-2', 'Kelvin Kay ②'] },
  // A sharp s, small and capital; a long s.
  { language: 'de', spellings: ['Anna Straße', 'ANNA STRASSE', 'ANNA STRAẞE', 'Anna Stra\u017f\u017fe'] },
  { language: 'de', spellings: ['Jörg Groß', 'JÖRG GROSS', 'jo\u0308rg.groß'] },
  // Marks that are part of a letter, and marks that stand behind one.
  { language: 'es', spellings: ['José Núñez', 'Jose\u0301 Nu\u0301n\u0303ez', 'JOSÉ NÚÑEZ'] },
  { language: 'fr', spellings: ['Jean-Luc Noël', 'Jean Luc Noël', 'Jean\u2011Luc Noe\u0308l', 'jean\u00adluc noël'] },
  { language: 'sv', spellings: ['Åsa Ångman', '\u212bsa \u212bngman', 'A\u030asa A\u030angman'] },
  { language: 'vi', spellings: ['Nguyễn Thị Hạnh', 'nguyễn thị hạnh', 'Nguye\u0302\u0303n Thi\u0323 Ha\u0323nh'] },
  // A dotless i becomes I, and so i: no locale is asked.
  { language: 'tr', spellings: ['Irmak Sarı', 'IRMAK SARI', 'ırmak sarı'] },
  { language: 'pl', spellings: ['Łucja Żak', 'ŁUCJA ŻAK', 'Łucja Z\u0307ak'] },
  // Cyrillic: case, and marks that compose.
  { language: 'ru', spellings: ['Алёна Йолкина', 'АЛЁНА ЙОЛКИНА', 'Але\u0308на И\u0306олкина', 'алёна.йолкина'] },
  { language: 'uk', spellings: ['Лук’ян Їжак', "ЛУК'ЯН ЇЖАК", 'Лукян І\u0308жак'] },
  // Greek: the sigma that ends a word, the mark that capitals keep.
  { language: 'el', spellings: ['Ιάσων Δούκας', 'ΙΆΣΩΝ ΔΟΎΚΑΣ', 'ιάσων δούκασ', 'Ια\u0301σων Δου\u0301κας'] },
  { language: 'el', spellings: ['Όθων Μέγας', 'ΌΘΩΝ ΜΈΓΑΣ', 'όθων.μέγας'] },
  // Capitals that hardly anyone writes: Georgian ones, and an Armenian ligature.
  { language: 'ka', spellings: ['ნანა ჯანაშია', 'ᲜᲐᲜᲐ ᲯᲐᲜᲐᲨᲘᲐ', 'ნანა.ჯანაშია'] },
  { language: 'hy', spellings: ['Սևան Արևյան', 'ՍԵՒԱՆ ԱՐԵՒՅԱՆ', 'Սեւան Արեւյան'] },
  // Letters in the shape they take inside a word, and marks of direction.
  { language: 'ar', spellings: ['سلمان حمدان', 'ﺳﻠﻤﺎﻥ ﺣﻤﺪﺍﻥ', '\u200fسلمان حمدان\u200f', 'سلمان\u061c.حمدان'] },
  { language: 'he', spellings: ['עדי ששון', '\u202bעדי ששון\u202c', 'עדי-ששון', 'ﬠדי ששון'] },
  // Joiners, dots below, vowels of two parts.
  { language: 'hi', spellings: ['फ़राह क़ाज़ी', '\u095eराह \u0958ा\u095bी', 'फ़राह\u200d क़ाज़ी'] },
  { language: 'ta', spellings: ['கோமதி சோழன்', 'க\u0bc7\u0bbeமதி ச\u0bc7\u0bbeழன்', 'கோமதி\u200c.சோழன்'] },
  { language: 'bn', spellings: ['মৌ সরকার', 'ম\u09c7\u09d7 সরকার', 'মৌ\u2060সরকার'] },
  // Half-width kana, one-sign words, a compatibility ideograph, parts of a syllable.
  { language: 'ja', spellings: ['サトウ ダイゴ', 'ｻﾄｳ ﾀﾞｲｺﾞ', 'サトウ・ダイコ\u3099'] },
  { language: 'zh-Hans', spellings: ['李 金花', '\uf9e1\uf90a花', '李金花\ufeff'] },
  {
    language: 'ko',
    spellings: ['각시탈', '\u1100\u1161\u11a8\u1109\u1175\u1110\u1161\u11af', '각\u115f시탈', '각 시 탈'],
  },
  { language: 'th', spellings: ['น้ำทิพย์ คำแสน', 'น้\u0e4dาทิพย์ ค\u0e4dาแสน', 'น้ำทิพย์\u200bคำแสน'] },
  // Signs alone are a name too; white space and the sign that asks for a coloured picture are not part of it.
  { language: 'en', spellings: ['☀☀', '☀\ufe0f☀\ufe0f', '☀ ☀'] },
];

/** Names that look alike and are not: each has a key of its own, so uniqueness refuses none of them. */
export const LOOKALIKES: readonly string[] = [
  'Jöhn Doe',
  'J\u043ehn Doe', // the o is Cyrillic
  'Jane Røe',
  'Mary O\u00b4Neill', // an acute accent for an apostrophe: it becomes the mark of ó
  '❤️❤️',
  '☀️❤️',
  '李花',
  'Łucja Zak',
  'Ιασων Δουκας',
];
