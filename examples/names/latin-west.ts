import { type Culture, list, places } from './culture.ts';

/** Western Europe and the Americas, in Latin letters. */
export const LATIN_WEST: readonly Culture[] = [
  {
    language: 'en',
    share: 11,
    forms: list('{given} {family}, {given} {family}, {given} {initial}. {family}, {given} {family}-{second}'),
    halves: [
      {
        given: list(
          'Amelia, Beatrice, Charlotte, Daisy, Eleanor, Fiona, Grace, Hannah, Imogen, Josephine, Keira, Lucy, Maisie, Niamh, Olivia, Phoebe, Rosalind, Saoirse, Tabitha, Violet, Winifred, Zoë, Aaron, Benjamin, Callum, Declan, Ethan, Finlay, George, Harrison, Isaac, Jamal, Kieran, Lachlan, Malik, Nathaniel, Oscar, Patrick, Quentin, Reuben, Seán, Theodore, Victor, Wyatt',
        ),
        family: list(
          "Abbott, Barlow, Castellan, Davenport, Ellsworth, Fairbanks, Gallagher, Holloway, Ingram, Jefferson, Kavanagh, Lockwood, MacDonald, Nightingale, O'Sullivan, Pemberton, Quigley, Rutherford, Sinclair, Thackeray, Underhill, Vaughan, Whitaker, Yardley, Ashworth, Blackwood, Chamberlain, Drummond, Fitzgerald, Greenwood, Hargreaves, McAllister, O'Connor, Radcliffe, Stewart, Washington",
        ),
      },
    ],
    places: places({
      US: 'Portland, Chicago, Atlanta, Boston',
      GB: 'London, Leeds, Glasgow, Cardiff',
      IE: 'Dublin, Galway',
      AU: 'Melbourne, Perth',
      CA: 'Toronto, Halifax',
      NZ: 'Wellington',
    }),
  },
  {
    language: 'es',
    share: 7,
    forms: list('{given} {family} {second}, {given} {family} {second}, {given} {family}'),
    halves: [
      {
        given: list(
          'Sofía, Lucía, María José, Martina, Ximena, Valentina, Inés, Itziar, Montserrat, Rocío, Begoña, Carmen, Pilar, Noelia, Zaira, Ángela, José, Andrés, Joaquín, Iñaki, Sebastián, Raúl, Óscar, Hernán, Tomás, Matías, Ángel, Gonzalo, Íñigo, Jesús, Álvaro, Rubén',
        ),
        family: list(
          'García, Rodríguez, Muñoz, Hernández, Ibáñez, Núñez, Peña, Ordóñez, Castañeda, Gutiérrez, Vázquez, Domínguez, Jiménez, Álvarez, Echeverría, Zúñiga, Carreño, Saldaña, Quiñones, Bermúdez, Cárdenas, Villaseñor, Arreola, Belmonte, Figueroa, Lizárraga',
        ),
      },
    ],
    places: places({
      ES: 'Madrid, Málaga, A Coruña, Donostia',
      MX: 'Ciudad de México, Mérida, León',
      AR: 'Córdoba, Rosario',
      CO: 'Bogotá, Medellín',
      CL: 'Valparaíso',
      PE: 'Lima',
    }),
  },
  {
    language: 'pt-BR',
    share: 5,
    forms: list('{given} {family}, {given} {second} {family}, {given} da {family}'),
    halves: [
      {
        given: list(
          'João, Inácio, Conceição, Antônio, Luísa, Letícia, Júlia, Flávia, Débora, Cauã, Thaís, Vitória, Otávio, Mônica, Patrícia, Estêvão, Fábio, Heloísa, Gonçalo, Simão, Assunção, Tainá, Ruy, Yasmin, Murilo, Bento, Iara, Caetano',
        ),
        family: list(
          'Conceição, Araújo, Gonçalves, Magalhães, Guimarães, Falcão, Leitão, Simões, Assunção, Brandão, Galvão, Camões, Sampaio, Nóbrega, Quaresma, Bragança, Proença, Fragoso, Lourenço, Abrantes, Peçanha, Vilela, Muniz, Tavares',
        ),
      },
    ],
    places: places({ BR: 'São Paulo, Belém, Florianópolis, Maceió, Recife', PT: 'Lisboa, Évora', AO: 'Luanda' }),
  },
  {
    language: 'fr',
    share: 5,
    forms: list('{given} {family}, {given} {family}, {given} {family}-{second}'),
    halves: [
      {
        given: list(
          'Agnès, Zoé, Chloé, Françoise, Anaïs, Hélène, Océane, Maëlys, Noémie, Bérénice, Aïssatou, Clémence, Léonie, Éloïse, Solène, Gaëlle, Rémi, Jérôme, Théo, Loïc, Gaël, François, Benoît, Étienne, Cédric, Raphaël, Mamadou, Tanguy, Côme, Aurélien, Jean-Baptiste, Anne-Laure',
        ),
        family: list(
          'Lefèvre, Garçon, Béranger, Desmoulins, Lévêque, Delacroix, Châtelain, Rousseau, Forêt, Dubois, Diallo, Traoré, Bézier, Le Goff, Kérouac, Vallée, Chrétien, Bœuf, Cœurdelion, Mélenchon, Hébert, Gauthier, Prévost, Saint-Exupéry, Lacombe, Thévenet',
        ),
      },
    ],
    places: places({
      FR: 'Paris, Orléans, Nîmes, Besançon',
      BE: 'Liège, Bruxelles',
      CH: 'Genève, Neuchâtel',
      CA: 'Québec, Montréal',
      SN: 'Dakar, Thiès',
      CI: 'Yamoussoukro',
    }),
  },
  {
    language: 'de',
    share: 6,
    forms: list('{given} {family}, {given} {family}, {given} {family}, {given} von {family}'),
    halves: [
      {
        given: list(
          'Jürgen, Jörg, Sören, Günther, Björn, Käthe, Bärbel, Grete, Ännchen, Rüdiger, Lieselotte, Annegret, Friederike, Heike, Ilse, Mechthild, Ottilie, Roswitha, Swantje, Ulrike, Wolfgang, Detlef, Eberhard, Fridolin, Gottfried, Hartmut, Ingo, Kunibert, Lothar, Siegfried',
        ),
        family: list(
          'Müllenbach, Schröder, Großkopf, Weißmann, Krüger, Jäger, Köhler, Vögele, Süßmilch, Fürstenberg, Bäumler, Löwenthal, Schönfeld, Grünwald, Rößler, Hölderlin, Zöllner, Preußler, Kräutner, Ströbele, Übelacker, Dürrenmatt, Gänsbauer, Spörri, Heßling, Bürgi',
        ),
      },
    ],
    places: places({ DE: 'München, Köln, Düsseldorf, Gießen', AT: 'Wien, Mödling', CH: 'Zürich, Münsingen' }),
  },
  {
    language: 'it',
    share: 4,
    forms: list('{given} {family}, {given} {family}, {given} {second} {family}'),
    halves: [
      {
        given: list(
          'Niccolò, Mosè, Noè, Aldo, Beatrice, Chiara, Donatella, Elisabetta, Fiammetta, Ginevra, Ilaria, Lavinia, Mirella, Ornella, Piera, Rosalba, Serenella, Tiziana, Ubaldo, Vittorio, Zeno, Ruggero, Pasquale, Oreste, Gianluca, Ettore',
        ),
        family: list(
          "Nicolò, Dalla Corte, D'Angelo, De Santis, Forlì, Scalabrò, Zanichelli, Pellegrini, Bevilacqua, Calabrò, Mangiafico, Sartori, Lo Presti, Cadorna, Falcò, Giannini, Quattrocchi, Rossellini, Tagliabue, Vespucci, Zuccarello, Dell'Orto",
        ),
      },
    ],
    places: places({ IT: 'Roma, Forlì, Cefalù, Torino, Bari', CH: 'Lugano' }),
  },
  {
    language: 'nl',
    share: 3,
    forms: list('{given} {family}, {given} van {family}, {given} {family}'),
    halves: [
      {
        given: list(
          'Daniël, Anouk, Renée, Joëlle, Sjoerd, Femke, Gijs, Hidde, IJsbrand, Jorrit, Katelijne, Lotte, Maartje, Noortje, Roos, Sanne, Teun, Wouter, Zwaantje, Chloë, Loïs, Thijs',
        ),
        family: list(
          'Brüggen, Dijkstra, Eikelenboom, Geërs, Hoogeveen, IJzerman, Jansen, Kloosterman, Leeuwenhoek, Mulder, Nijhof, Oosterhuis, Postma, Reünie, Schuurman, Terpstra, Uitenbroek, Vermeer, Wijnbergen, Zeeman',
        ),
      },
    ],
    places: places({ NL: 'Utrecht, Coevorden, Groningen', BE: 'Gent, Antwerpen', SR: 'Paramaribo' }),
  },
];
