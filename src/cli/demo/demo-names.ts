// Names for demo users and companies. First and last names are combined at random, so they do not refer to real people.

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

export const firstNames: readonly string[] = names(`
  Ana Ivan Marko Petra Luka Iva Mia Josip Karla Nikola Emma Liam Olivia Noah Ava Ethan Sophia Mason
  Isabella Jacob Charlotte Lucas Amelia Oliver Harper Elijah Evelyn James Abigail Benjamin Emily
  William Ella Alexander Scarlett Henry Grace Daniel Chloe Michael Victoria Samuel Lily David Hannah
  Joseph Zoe Carter Nora Owen Hazel Wyatt Aurora John Violet Jack Stella Levi Lucy Gabriel Claire
  Julian Skylar Mateo Elena Diego Sofía Javier Lucía Pablo Carmen Andrés Inés José María Álvaro Léa
  Hugo Camille Jules Chloé Gabin Manon Louis Élise Théo Leon Mila Finn Lina Jonas Greta Felix Klara
  Moritz Björn Astrid Lars Freya Magnus Ingrid Søren Maja Åse Oskar Zofia Jakub Hanna Kacper Wojciech
  Łucja Tomáš Eliška Jan Zsófia Bence Giulia Lorenzo Alessia Matteo Chiara Davide Aiko Haruto Yui Sota
  Hina Ren Wei Mei Jun Ling Hao Xin Priya Arjun Ananya Rohan Isha Vikram Fatima Omar Layla Yusuf Amina
  Hassan Zeynep Emre Elif Kwame Amara Chidi Zuri Thabo Naledi João Beatriz Tiago Mariana Rafael
  Larissa
`);

export const lastNames: readonly string[] = names(`
  Horvat Kovačević Babić Marić Jurić Novak Knežević Vuković Marković Petrović Smith Johnson Williams
  Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas
  Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson
  Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera
  Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Edwards Collins Stewart Morris Murphy
  Cook Rogers O'Brien O'Connor McDonald Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch
  Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Müller Dubois Moreau Laurent Simon
  Michel Lefèvre Leroy Roux Fournier Girard Rossi Ferrari Esposito Bianchi Romano Colombo Ricci Marino
  Greco Kowalski Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szymański Dvořák Svoboda Novotný
  Nagy Szabó Tóth Johansson Andersson Karlsson Nilsson Hansen Pedersen Sørensen Jensen Virtanen
  Korhonen Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Almeida Sato Suzuki Takahashi Tanaka
  Watanabe Wang Li Zhang Liu Chen Yang Huang Patel Sharma Singh Kumar Gupta Khan Ali Ahmed Hussain
  Yılmaz Kaya Demir Okafor Mensah Ndlovu Adeyemi Kim Park Choi
`);

export const companyWords: readonly string[] = names(`
  Amber Anchor Arrow Aspen Atlas Beacon Birch Bluebird Bright Canyon Cedar Clear Cobalt Copper Coral
  Crescent Delta Dune Eastgate Elm Ember Falcon Fern Field Flint Forge Fox Garnet Glacier Granite
  Grove Harbor Hazel Heron High Hollow Horizon Indigo Iron Ivory Juniper Keystone Lantern Lark
  Lighthouse Lime Linden Lunar Maple Marble Meadow Meridian Mill Mint Mosaic North Oak Ocean Olive
  Onyx Opal Orchard Otter Pebble Pine Polar Prairie Quarry Quartz Raven Red Ridge River Robin Rowan
  Sable Saffron Sage Salt Sandstone Silver Sparrow Spruce Stone Summit Sunrise Tandem Thistle Timber
  Topaz Tidal Valley Velvet Vista West Willow Winter Wren Yarrow
`);

export const trades: readonly string[] = names(`
  Accounting Advertising Analytics Architects Bakery Books Builders Capital Clinic Consulting Creative
  Design Digital Education Electric Energy Engineering Events Farms Films Foods Games Health Home
  Hotels Insurance Interactive Labs Law Logistics Media Mobility Music Outdoor Partners Payments
  Pharma Photography Press Properties Publishing Research Robotics Security Software Solar Sports
  Strategy Studio Systems Textiles Tools Travel Ventures Water Works
`);

export const places: readonly { readonly timeZone: string; readonly locale: string }[] = [
  { timeZone: 'Europe/Zagreb', locale: 'hr_HR' },
  { timeZone: 'Europe/Berlin', locale: 'de_DE' },
  { timeZone: 'Europe/Vienna', locale: 'de_AT' },
  { timeZone: 'Europe/Paris', locale: 'fr_FR' },
  { timeZone: 'Europe/Madrid', locale: 'es_ES' },
  { timeZone: 'Europe/Rome', locale: 'it_IT' },
  { timeZone: 'Europe/Warsaw', locale: 'pl_PL' },
  { timeZone: 'Europe/Prague', locale: 'cs_CZ' },
  { timeZone: 'Europe/Stockholm', locale: 'sv_SE' },
  { timeZone: 'Europe/Copenhagen', locale: 'da_DK' },
  { timeZone: 'Europe/Lisbon', locale: 'pt_PT' },
  { timeZone: 'Europe/London', locale: 'en_GB' },
  { timeZone: 'Europe/Dublin', locale: 'en_IE' },
  { timeZone: 'America/New_York', locale: 'en_US' },
  { timeZone: 'America/Chicago', locale: 'en_US' },
  { timeZone: 'America/Los_Angeles', locale: 'en_US' },
  { timeZone: 'America/Toronto', locale: 'en_CA' },
  { timeZone: 'America/Sao_Paulo', locale: 'pt_BR' },
  { timeZone: 'America/Mexico_City', locale: 'es_MX' },
  { timeZone: 'Asia/Tokyo', locale: 'ja_JP' },
  { timeZone: 'Asia/Singapore', locale: 'en_SG' },
  { timeZone: 'Asia/Kolkata', locale: 'en_IN' },
  { timeZone: 'Australia/Sydney', locale: 'en_AU' },
  { timeZone: 'Africa/Lagos', locale: 'en_NG' },
];
