// The recipe for spreadsheets: Google Sheets, Excel in German and in US English, UTF-16 and Latin-1.

import { movesIn } from '../support/moving-in.ts';

movesIn({
  section: 'Spreadsheets',
  files: {
    'people.csv': 'google-sheets.csv',
    'personen.csv': 'excel-german.csv',
    'personen-ansi.csv': 'excel-german-ansi.csv',
    'people-us.csv': 'excel-us.csv',
    'people.txt': 'excel-unicode.txt',
    'personas.csv': 'latin1.csv',
  },
  people: {
    'ann@example.com': { name: ['Ann', 'Lee'] },
    'zoe@example.com': { name: ['Zoë', 'Šarić'] },
    'bernd@example.com': { name: ['Bernd', 'Groß'] },
    'joerg@example.com': { name: ['Jörg von der', 'Höhe'] },
    'rene@example.com': { name: ['René', 'D’Arcy'] },
    'katarina@example.com': { name: ['Katarína', 'Živković'] },
    'oneil@example.com': { name: ['Owen', "O'Neil"] },
    'ines@example.com': { name: ['Inés', 'Peña'] },
  },
});
