import { type Culture, feminine, list, places } from './culture.ts';

const POLISH = list(
  'Wiśniewski, Kamiński, Dąbrowski, Zieliński, Szymański, Kozłowski, Jabłoński, Wójcik, Woźniak, Król, Gołąb, Źrebiec, Żuraw, Ślusarczyk, Ćwikliński, Ostrowski, Górski, Jędrzejewski, Łukasiewicz, Pająk',
);
const CZECH = list(
  'Dvořák, Černý, Růžička, Kučera, Procházka, Veselý, Horáček, Němec, Říha, Šťastný, Žižka, Křížek, Čapek, Škvorecký, Beneš, Jeřábek, Ptáček, Vondráček',
);

/** Central and northern Europe, Turkey, Vietnam and West Africa, in Latin letters with more marks. */
export const LATIN_MORE: readonly Culture[] = [
  {
    language: 'pl',
    share: 4,
    forms: ['{given} {family}'],
    halves: [
      {
        given: list(
          'Stanisław, Łukasz, Michał, Paweł, Wawrzyniec, Świętosław, Bogusław, Grzegorz, Krzysztof, Zdzisław, Jędrzej, Bolesław',
        ),
        family: POLISH,
      },
      {
        given: list(
          'Małgorzata, Agnieszka, Żaneta, Jadwiga, Bożena, Elżbieta, Grażyna, Halina, Świętosława, Zuzanna, Łucja, Róża',
        ),
        family: feminine(POLISH, { ski: 'ska' }),
      },
    ],
    places: places({ PL: 'Łódź, Kraków, Gdańsk, Wrocław, Świnoujście' }),
  },
  {
    language: 'cs',
    share: 2,
    forms: ['{given} {family}'],
    halves: [
      { given: list('Jiří, Ondřej, Matěj, Vojtěch, Lukáš, Řehoř, Zdeněk, Miloš, Bořivoj, Štěpán'), family: CZECH },
      {
        given: list('Božena, Markéta, Kateřina, Ludmila, Růžena, Šárka, Žofie, Zdeňka, Libuše, Anežka'),
        family: feminine(CZECH, {
          ček: 'čková',
          žek: 'žková',
          pek: 'pková',
          bek: 'bková',
          ý: 'á',
          ec: 'cová',
          a: 'ová',
        }).map((name) => (/[áa]$/.test(name) ? name : `${name}ová`)),
      },
    ],
    places: places({ CZ: 'Praha, Plzeň, Ústí nad Labem, Třebíč' }),
  },
  {
    language: 'tr',
    share: 4,
    forms: list('{given} {family}, {given} {family}, {given} {second} {family}'),
    halves: [
      {
        given: list(
          'Ayşe, Çağla, İpek, Gökçe, Şule, Özlem, Işıl, Ülkü, Tuğba, Müge, Sıla, Nilüfer, İbrahim, Oğuz, Çınar, Şükrü, Ömer, Gökhan, Uğur, Barış, Tolga, Işık, Yiğit, Doğan',
        ),
        family: list(
          'Yılmaz, Çelik, Öztürk, Şahin, Yıldız, Kılıç, Aydın, Özdemir, Güneş, Aksoy, Erdoğdu, İnce, Tanrıverdi, Çakır, Ünal, Koçak, Işıktan, Karadağ, Büyükyıldırım, Gürsoy',
        ),
      },
    ],
    places: places({ TR: 'İstanbul, Diyarbakır, İzmir, Eskişehir', CY: 'Lefkoşa' }),
  },
  {
    language: 'vi',
    share: 5,
    forms: list('{family} {given}, {family} {second} {given}'),
    halves: [
      {
        given: list(
          'Thị Hương, Minh Châu, Thu Thủy, Ngọc Ánh, Bích Phượng, Mỹ Duyên, Thùy Dương, Khánh Linh, Tuyết Nhung, Văn Dũng, Quốc Đạt, Hữu Phước, Thành Đạt, Xuân Trường, Đức Mạnh, Bảo Khánh, Anh Tuấn, Quang Huy, Tấn Lộc, Gia Hưng, Hoài Thương, Kiều Trinh',
        ),
        family: list(
          'Nguyễn, Trần, Lê, Phạm, Huỳnh, Võ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương, Lý, Đinh, Trịnh, Đoàn, Mạc, Lương',
        ),
      },
    ],
    places: places({ VN: 'Hà Nội, Đà Nẵng, Huế, Cần Thơ, Hải Phòng' }),
  },
  {
    language: 'sv',
    share: 4,
    forms: list('{given} {family}, {given} {family}, {given} {family}-{second}'),
    halves: [
      {
        given: list(
          'Åsa, Märta, Göran, Håkan, Östen, Åke, Björk, Sölvi, Ragnhild, Signý, Þóra, Æsa, Øyvind, Søren, Bjørn, Kåre, Jørgen, Märit, Päivi, Väinö, Yrjö, Ásgeir, Guðrún, Þorsteinn',
        ),
        family: list(
          'Sjöström, Åkerlund, Björklund, Öberg, Ångström, Lindqvist, Hägglund, Nyström, Ødegård, Kjærgaard, Bjørnson, Sørensen, Mäkelä, Hämäläinen, Järvinen, Eiríksdóttir, Þórarinsson, Guðmundsson, Ströyer, Wäinölä',
        ),
      },
    ],
    places: places({
      SE: 'Malmö, Göteborg, Umeå',
      NO: 'Tromsø, Ålesund',
      DK: 'Århus, Helsingør',
      IS: 'Reykjavík',
      FI: 'Jyväskylä',
    }),
  },
  {
    language: 'hu',
    share: 3,
    forms: list('{family} {given}, {family} {given}, {family}-{second} {given}'),
    halves: [
      {
        given: list(
          'Zsófia, Ágnes, Boglárka, Csenge, Dóra, Édua, Győző, Hédi, Ildikó, Jenő, Kálmán, László, Miklós, Nándor, Ödön, Pál, Réka, Sándor, Tünde, Ünige, Vilmos, Zsolt, Ernő, Gergő',
        ),
        family: list(
          'Szőke, Kovács, Tóth, Szabó, Horváth, Kőszegi, Erdős, Fehérvári, Nagy, Gyöngyösi, Hegedűs, Jókai, Lőrincz, Móricz, Ördög, Rákóczi, Székely, Tűzkő, Vörös, Zsigmondy',
        ),
      },
    ],
    places: places({ HU: 'Győr, Debrecen, Hódmezővásárhely, Pécs', RO: 'Kolozsvár' }),
  },
  {
    language: 'yo',
    share: 3,
    forms: list('{given} {family}, {given} {family}, {given} {initial}. {family}'),
    halves: [
      {
        given: list(
          'Olúwaṣeun, Adébáyọ̀, Ṣadé, Títílayọ̀, Fọlákẹ́, Bọ́lá, Káyọ̀dé, Yétúndé, Ìyábọ̀, Ọmọ́lará, Dàpọ̀, Kẹ́hìndé, Táíwò, Adéṣọlá, Chinwe, Ngọzi, Ọbinna, Ụzọma, Ifẹoma, Kwabena, Akosua, Kofi',
        ),
        family: list(
          'Ọláńrewájú, Adéwálé, Ṣóyínká, Akínwándé, Ọ̀ṣúndáre, Fágúnwà, Ògúndélé, Babátúndé, Ọkọ́njọ-Iwéàlá, Nwaṅkwọ, Ezeigbo, Mensah, Owusu, Asante, Boateng, Ọbásanjọ́, Ìdòwú, Olúṣẹ́gun',
        ),
      },
    ],
    places: places({ NG: 'Ìbàdàn, Èkó, Abẹ́òkúta', GH: 'Accra, Kumasi', BJ: 'Porto-Novo' }),
  },
  {
    language: 'ro',
    share: 2,
    forms: list('{given} {family}, {given} {initial}. {family}'),
    halves: [
      {
        given: list(
          'Ștefan, Ionuț, Cătălin, Mădălina, Răzvan, Ancuța, Brândușa, Crăița, Dănuț, Florența, Luminița, Mihăiță, Nuța, Săndica, Țăruș, Viorica',
        ),
        family: list(
          'Țepeș, Bălan, Chițu, Dăscălescu, Enăchescu, Găvănescu, Ionașcu, Lăpușneanu, Mușat, Nițu, Păunescu, Rădulescu, Săvulescu, Târziu, Văcărescu, Șerban',
        ),
      },
    ],
    places: places({ RO: 'București, Iași, Timișoara, Brașov', MD: 'Chișinău' }),
  },
];
