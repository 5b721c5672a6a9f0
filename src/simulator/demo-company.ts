import type { BoxModel } from './box-model.js';
import { enterpriseDate } from './enterprise-date.js';
import type { Item } from './item.js';
import type { User } from './people.js';

// Northwind Boats, a maker of small electric ferries: ten people, about two hundred items, texts worth searching for.

const start = Date.UTC(2024, 0, 8, 17);
const day = 86_400_000;

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October'];
const harbours = ['Bergen', 'Lisbon', 'Rotterdam', 'Tallinn', 'Genoa', 'Halifax', 'Gothenburg', 'Marseille'];
const suppliers = ['Voltaris Cells', 'Keel & Sons', 'Aurora Glass', 'Polar Paints', 'Baltic Motors', 'Hydro Seals'];
const candidates = ['Amira Haddad', 'Tomas Berg', 'Li Na Chen', 'Oscar Nilsen'];

/** Makes files and folders with dates that follow one another. */
interface Desk {
  readonly owner: User;
  folder(name: string, inside?: Item, description?: string): Item;
  file(name: string, content: string, inside?: Item, description?: string): Item;
  link(name: string, url: string, inside?: Item, description?: string): Item;
}

export function demoCompany(box: BoxModel): void {
  let made = 0;
  const joined = '2023-11-06T09:00:00-08:00';
  const hire = (id: number, name: string, role: User['role'] = 'user'): Desk => {
    const owner = box.createUser({ id: String(20_100_000_000 + id), name, role, createdAt: joined });
    const common = (name: string, inside: Item | undefined, description: string) => {
      made += 1;
      const createdAt = enterpriseDate(start + made * 1.4 * day + (made % 7) * 3_700_000);
      const modifiedAt = enterpriseDate(start + made * 1.4 * day + (made % 11) * 9 * day);
      const place = inside ? { folder: inside.id } : { owner: owner.id };
      return { name, description, createdAt, modifiedAt, ...place };
    };
    return {
      owner,
      folder: (name, inside, description = '') => box.createFolder(common(name, inside, description)),
      file: (name, content, inside, description = '') =>
        box.createFile({ ...common(name, inside, description), content }),
      link: (name, url, inside, description = '') => box.createWebLink({ ...common(name, inside, description), url }),
    };
  };

  management(hire(1, 'Helen Marsh', 'admin'));
  const shared = engineering(hire(2, 'Raj Iyer'));
  finance(hire(3, 'Sofia Lindqvist'));
  sales(hire(4, 'Marco Bellini'));
  const contracts = legal(hire(5, 'Anne Dubois'));
  people(hire(6, 'Kwame Mensah'));
  purchasing(hire(7, 'Julia Hartmann'));
  service(hire(8, 'Peter Novak'));
  marketing(hire(9, 'Yuki Tanaka'));
  safety(hire(10, 'Fatima Zahra'));

  const id = (number: number): string => String(20_100_000_000 + number);
  box.collaborate(shared, { userId: id(1), role: 'viewer' });
  box.collaborate(shared, { userId: id(10), role: 'editor' });
  const board = box.find('/Board', id(1));
  if (board) box.setTags(board, ['confidential']);
  const classification = { name: 'Confidential', definition: 'Only for those named in the document', color: '#FF0000' };
  box.items.put({ ...contracts, classification });
  box.share(contracts, { access: 'company', token: 'ferryframework2024' });
}

function management(desk: Desk): void {
  const board = desk.folder('Board', undefined, 'Minutes and papers of the board');
  const minutes = desk.folder('Minutes', board);
  months.forEach((month, index) => {
    const harbour = harbours[index % harbours.length] ?? '';
    desk.file(
      `Board meeting ${month} 2024.md`,
      `# Board meeting, ${month} 2024\n\nPresent: Helen Marsh (chair), Sofia Lindqvist, Raj Iyer, Anne Dubois.\n\n` +
        `## Decisions\n\n1. The order from ${harbour} for ${2 + (index % 3)} ferries is accepted.\n` +
        `2. The budget for the battery laboratory is raised by ${40 + index * 5} thousand euros.\n` +
        `3. The next meeting takes place on the second Tuesday of the following month.\n\n` +
        `## Notes\n\nCash at hand covers ${7 + (index % 4)} months. Raj reports that the charging pier in ${harbour} is ready.\n`,
      minutes,
    );
  });
  desk.file(
    'Strategy 2025.md',
    '# Strategy 2025\n\nWe build the quietest ferry in the world. Three aims: a range of sixty nautical miles on one charge, ' +
      'delivery within nine months of the order, and a service partner in every harbour that we sail to.\n\n' +
      'What we will not do: diesel hybrids, and yachts.\n',
    board,
    'Approved by the board in October',
  );
  desk.file(
    'Shareholder letter.txt',
    'Dear shareholders,\n\nthis year the first Heron ferry crossed the North Sea by battery alone. ' +
      'Revenue grew by 38 percent to 21.4 million euros. We thank you for your patience in the winter of the cell shortage.\n\nHelen Marsh\n',
    board,
  );
  desk.file(
    'Organisation chart.pdf',
    'Northwind Boats organisation chart. Helen Marsh leads; six departments report to her.\n',
    board,
  );
  desk.link('Company website', 'https://www.northwind-boats.example.com/', undefined, 'What the public sees');
  const travel = desk.folder('Travel');
  harbours.slice(0, 5).forEach((harbour) => {
    desk.file(
      `Trip report ${harbour}.txt`,
      `Trip report: ${harbour}\n\nThe harbour master of ${harbour} showed us the ferry terminal. ` +
        `The quay has a depth of five metres and a grid connection of two megawatts. They ask for an offer before summer.\n`,
      travel,
    );
  });
}

function engineering(desk: Desk): Item {
  const heron = desk.folder('Heron ferry', undefined, 'The project everybody works on');
  const battery = desk.folder('Battery', heron);
  desk.file(
    'Thermal runaway analysis.md',
    '# Thermal runaway analysis\n\nA single cell was heated to 190 degrees Celsius. The neighbouring cells stayed below 80 degrees thanks to the ' +
      'mica barrier. The battery room must be flooded with nitrogen within eleven seconds.\n',
    battery,
    'Read before touching the battery room',
  );
  desk.file(
    'Cell comparison.csv',
    `cell,capacity_ah,cycles,price_eur\nVoltaris V4,102,6000,61\nVoltaris V5,118,5200,74\nPolar P1,96,8000,69\n`,
    battery,
  );
  const hull = desk.folder('Hull', heron);
  desk.file(
    'Hull resistance.md',
    '# Hull resistance\n\nTowing tank tests show that the bulbous bow saves seven percent of energy at fourteen knots. ' +
      'Above sixteen knots the catamaran hull wins.\n',
    hull,
  );
  desk.file('Drawing 2210-A.dwg', 'Binary drawing of the hull, frame 22 to 41.\n', hull);
  const meetings = desk.folder('Meeting notes', heron);
  for (let week = 1; week <= 18; week += 1) {
    const harbour = harbours[week % harbours.length] ?? '';
    const supplier = suppliers[week % suppliers.length] ?? '';
    desk.file(
      `Engineering weekly ${String(week).padStart(2, '0')}.md`,
      `# Engineering weekly, week ${week}\n\n- Propeller test ${week}: ${640 + week * 7} revolutions per minute, vibration within limits.\n` +
        `- ${supplier} delivers the next lot ${week % 2 === 0 ? 'on time' : 'two weeks late'}.\n` +
        `- Open question: who certifies the charging plug for ${harbour}?\n- Action: Raj writes to the classification society.\n`,
      meetings,
    );
  }
  desk.file(
    'Requirements.html',
    '<html><head><title>Requirements</title></head><body><h1>Heron requirements</h1><p>The ferry shall carry 147 passengers ' +
      'and 20 bicycles. It shall dock without noise above 55 decibels. A wheelchair shall reach every deck.</p></body></html>\n',
    heron,
  );
  desk.file(
    'Sensor log.json',
    JSON.stringify({ vessel: 'Heron 1', sensors: ['temperature', 'current', 'salinity'], rate_hz: 10 }) + '\n',
    heron,
  );
  desk.link(
    'Classification society rules',
    'https://rules.classification.example.org/electric-vessels',
    heron,
    'Rules for electric vessels',
  );
  return heron;
}

function finance(desk: Desk): void {
  const reports = desk.folder('Reports');
  const quarters = ['Q1', 'Q2', 'Q3', 'Q4'];
  quarters.forEach((quarter, index) => {
    desk.file(
      `Quarterly report ${quarter} 2024.md`,
      `# Quarterly report ${quarter} 2024\n\nRevenue: ${4.2 + index * 0.9} million euros. Gross margin: ${31 + index} percent.\n\n` +
        `The largest item of cost is battery cells. The exchange rate of the Norwegian krone took ${12 + index} thousand euros.\n`,
      reports,
    );
    desk.file(`Forecast ${quarter}.xlsx`, `Forecast workbook for ${quarter}: orders, cash, staff.\n`, reports);
  });
  const invoices = desk.folder('Invoices 2024');
  for (let number = 1; number <= 24; number += 1) {
    const supplier = suppliers[number % suppliers.length] ?? '';
    desk.file(
      `Invoice ${2400 + number}.csv`,
      `invoice,supplier,item,amount_eur,due\n${2400 + number},${supplier},${number % 2 === 0 ? 'battery cells' : 'marine paint'},` +
        `${1200 + number * 310},2024-${String((number % 12) + 1).padStart(2, '0')}-28\n`,
      invoices,
    );
  }
  desk.file(
    'Travel expense policy.txt',
    'Travel expense policy\n\nReceipts are handed in within thirty days. Trains are preferred to aeroplanes below eight hundred ' +
      'kilometres. A hotel may cost up to 140 euros a night.\n',
  );
  desk.file('Audit letter.docx', 'Letter of the auditors: no objection, two recommendations on stock taking.\n');
}

function sales(desk: Desk): void {
  const offers = desk.folder('Offers');
  harbours.forEach((harbour, index) => {
    const folder = desk.folder(`${harbour} Harbour`, offers);
    desk.file(
      `Offer ${harbour}.md`,
      `# Offer to the port of ${harbour}\n\nWe offer ${1 + (index % 4)} ferries of the type Heron for ${3.9 + index * 0.2} million euros each, ` +
        `with a charging pier and a maintenance contract of ${5 + (index % 3)} years. The offer is valid for ninety days.\n`,
      folder,
    );
    desk.file(
      `Passenger counts ${harbour}.csv`,
      `month,passengers\n${months.map((month, m) => `${month},${9000 + index * 700 + m * 130}`).join('\n')}\n`,
      folder,
    );
  });
  desk.file(
    'Price list 2024.csv',
    'item,price_eur\nHeron 147,3900000\nHeron 98,2950000\nCharging pier,410000\nSpare propeller,18500\n',
  );
  desk.file(
    'Lost deals.txt',
    'Why we lost: Oslo wanted hydrofoils, Naples wanted delivery in six months, Porto had no grid connection at the quay.\n',
  );
  desk.link(
    'Customer portal',
    'https://customers.northwind-boats.example.com/',
    undefined,
    'Where customers follow their order',
  );
}

function legal(desk: Desk): Item {
  const contracts = desk.folder('Contracts');
  suppliers.forEach((supplier, index) => {
    desk.file(
      `Supply contract ${supplier}.txt`,
      `SUPPLY CONTRACT between Northwind Boats and ${supplier}\n\n1. Term: ${2 + (index % 3)} years.\n2. Penalty for late delivery: ` +
        `${0.5 + index * 0.25} percent a week, at most ten percent.\n3. Place of jurisdiction: Hamburg.\n4. Warranty: ${24 + index * 6} months.\n`,
      contracts,
    );
  });
  const framework = desk.file(
    'Framework agreement Bergen.txt',
    'FRAMEWORK AGREEMENT with the port of Bergen\n\nNorthwind Boats delivers up to eight ferries until 2029. Either party may terminate ' +
      'with a notice of twelve months. Liability is limited to the price of one vessel. Force majeure includes ice.\n',
    contracts,
    'Signed in March',
  );
  const patents = desk.folder('Patents');
  desk.file(
    'Patent application mooring magnet.md',
    '# Patent application: mooring magnet\n\nAn electromagnet in the quay holds the ferry while it charges. ' +
      'Claim 1: a mooring device without ropes.\n',
    patents,
  );
  desk.file(
    'Privacy notice.html',
    '<html><body><h1>Privacy notice</h1><p>We keep the data of passengers for thirty days. Complaints go to Anne Dubois, ' +
      'data protection officer.</p></body></html>\n',
  );
  return framework;
}

function people(desk: Desk): void {
  const hiring = desk.folder('Hiring');
  candidates.forEach((candidate, index) => {
    desk.file(
      `Interview ${candidate}.txt`,
      `Interview with ${candidate}\n\nPosition: ${index % 2 === 0 ? 'naval architect' : 'software engineer'}. Strong in ` +
        `${index % 2 === 0 ? 'hydrodynamics' : 'embedded systems'}. Wants to start in ${months[index + 3] ?? ''}. Recommendation: hire.\n`,
      hiring,
    );
  });
  desk.file(
    'Employee handbook.md',
    '# Employee handbook\n\nWorking hours are free between six and twenty. Thirty days of holiday. Whoever is sick calls before nine. ' +
      'Dogs are welcome in the office, not in the shipyard. Parental leave is granted to all parents.\n',
  );
  desk.file(
    'Holiday calendar.csv',
    'date,holiday\n2024-12-24,Christmas Eve\n2024-12-25,Christmas Day\n2025-01-01,New Year\n',
  );
  desk.file(
    'Training plan.md',
    '# Training plan\n\nEverybody who enters the battery room takes the high voltage course. First aid is renewed every two years.\n',
  );
  const salaries = desk.folder('Salaries', undefined, 'Not to be shared');
  desk.file('Salary bands.csv', 'band,least_eur,most_eur\nA,38000,52000\nB,50000,71000\nC,68000,95000\n', salaries);
}

function purchasing(desk: Desk): void {
  const files = desk.folder('Suppliers');
  suppliers.forEach((supplier, index) => {
    const folder = desk.folder(supplier, files);
    desk.file(
      `Evaluation ${supplier}.md`,
      `# Evaluation of ${supplier}\n\nQuality: ${7 + (index % 3)} of 10. Delivery: ${6 + (index % 4)} of 10. ` +
        `They answer within ${1 + index} days. A second source is ${index % 2 === 0 ? 'needed' : 'not needed'}.\n`,
      folder,
    );
    desk.file(
      `Purchase order ${7100 + index}.csv`,
      `order,supplier,item,pieces\n${7100 + index},${supplier},seal ring,${200 + index * 40}\n`,
      folder,
    );
  });
  desk.file(
    'Cell shortage.txt',
    'Cell shortage\n\nThe factory of Voltaris Cells in Hungary stands still until May. We buy ninety thousand cells on the spot market, ' +
      'at a price that is nineteen percent higher.\n',
  );
}

function service(desk: Desk): void {
  const tickets = desk.folder('Tickets');
  const faults = ['bilge pump', 'charging plug', 'bow thruster', 'passenger door', 'radar display'];
  for (let number = 1; number <= 20; number += 1) {
    const fault = faults[number % faults.length] ?? '';
    const harbour = harbours[number % harbours.length] ?? '';
    desk.file(
      `Ticket ${900 + number}.txt`,
      `Ticket ${900 + number}: ${fault} in ${harbour}\n\nReported by the crew of Heron ${1 + (number % 6)}. The ${fault} ` +
        `${number % 3 === 0 ? 'was replaced under warranty' : 'was repaired on board'}. Time without service: ${number} hours.\n`,
      tickets,
    );
  }
  desk.file(
    'Maintenance manual.html',
    '<html><body><h1>Maintenance manual</h1><p>Grease the propeller shaft every two hundred hours. Check the seals for salt water. ' +
      'Never open the inverter while the lamp is orange.</p></body></html>\n',
  );
  desk.file('Spare parts.csv', 'part,stock,shelf\npropeller,4,A1\nseal ring,220,B7\ninverter,2,C3\n');
}

function marketing(desk: Desk): void {
  const press = desk.folder('Press');
  harbours.slice(0, 4).forEach((harbour) => {
    desk.file(
      `Press release ${harbour}.md`,
      `# ${harbour} goes electric\n\nFrom spring on, commuters in ${harbour} cross the harbour without noise and smoke. ` +
        `"The silence is what people talk about", says the mayor of ${harbour}.\n`,
      press,
    );
  });
  desk.file('Brand guide.pdf', 'Brand guide: deep blue, white, one typeface, never a lighthouse.\n', press);
  desk.file(
    'Trade fair Hamburg.txt',
    'Trade fair Hamburg\n\nStand 14 in hall B6. The model of the ferry travels by truck on Monday. Yuki brings the brochures, Marco the espresso machine.\n',
  );
  desk.link('Film of the launch', 'https://video.example.com/heron-launch', press, 'Four minutes, with subtitles');
}

function safety(desk: Desk): void {
  const incidents = desk.folder('Incidents');
  for (let number = 1; number <= 8; number += 1) {
    desk.file(
      `Incident ${number}.md`,
      `# Incident ${number}\n\nDate: ${months[number] ?? ''}. A worker ${number % 2 === 0 ? 'slipped on a wet ramp' : 'cut a glove at the bench saw'}. ` +
        `Nobody was hurt. Measure: ${number % 2 === 0 ? 'non-slip paint on the ramp' : 'a guard for the saw'}.\n`,
      incidents,
    );
  }
  desk.file(
    'Evacuation plan.txt',
    'Evacuation plan\n\nThe assembly point is the flagpole at the western gate. Wardens wear yellow vests. The crane is lowered first.\n',
  );
  desk.file(
    'Risk register.csv',
    'risk,likelihood,damage,owner\nfire in battery room,low,very high,Raj Iyer\nice in the basin,medium,low,Fatima Zahra\n',
  );
}
