import { Rollcall, type UserUpdatedEvent } from '@rollcall/client';
import type { RollcallServer } from '@rollcall/client/server';
import type { Person, PersonCustom } from './people.ts';
import { heading, line, shown } from './print.ts';

type Client = Rollcall<PersonCustom>;

/** What the story of the three clients needs. */
export interface Stage {
  readonly url: string;
  readonly apiKey: string;
  readonly server: RollcallServer<PersonCustom>;
  readonly people: readonly Person[];
}

interface Device {
  readonly label: string;
  readonly person: Person;
  readonly client: Client;
}

const HOUR_S = 3600;
const DEADLINE_MS = 5_000;

/** Two devices of one user and one of another connect; the first changes its name; each tells what it sees. */
export async function showDevices(stage: Stage): Promise<void> {
  heading('Three clients: two devices of one user, one of another');
  const owner = personOf(stage, 'el');
  const other = personOf(stage, 'ja');
  const phone = openDevice(stage, 'phone ', owner);
  const laptop = openDevice(stage, 'laptop', owner);
  const friend = openDevice(stage, 'friend', other);
  const devices = [phone, laptop, friend];
  try {
    for (const device of devices) await connect(stage, device);
    for (const device of devices) await tellWhoIsThere(device, [owner, other]);
    await rename(phone, laptop);
    for (const device of devices) await tellWhoIsThere(device, [owner]);
  } finally {
    await Promise.all(devices.map(({ client }) => client.disconnectUser()));
    await stage.server.partialUpdateUser({ id: owner.id, set: { name: owner.name } });
  }
  line(`all three have left; ${shown(owner.name)} has the old name again`);
}

function personOf({ people }: Stage, language: string): Person {
  const person = people.find((one) => one.language === language);
  if (person === undefined) throw new RangeError(`nobody speaks ${language}`);
  return person;
}

function openDevice({ apiKey, url }: Stage, label: string, person: Person): Device {
  const client: Client = new Rollcall<PersonCustom>(apiKey, { url });
  client.on('user.updated', ({ user, changed = [] }) => {
    line(`[${label}] hears user.updated: ${changed.join(', ')} changed, now ${shown(user.name)}`);
  });
  return { label, person, client };
}

/** Connects with a token provider; only the id is sent, so nothing stored is written over. */
async function connect({ server }: Stage, { label, person, client }: Device): Promise<void> {
  const me = await client.connectUser({ id: person.id }, () => server.createToken(person.id, { expiresIn: HOUR_S }));
  line(`[${label}] is connected as ${shown(me.name)}, teams: ${me.teams.join(', ') || 'none'}`);
}

async function tellWhoIsThere({ label, client }: Device, people: readonly Person[]): Promise<void> {
  const { users } = await client.queryUsers({ id: { $in: people.map(({ id }) => id) } }, { name: 1 });
  const seen = users.map((user) => `${shown(user.name)} ${user.online ? 'online' : 'offline'}`);
  line(`[${label}] sees ${seen.join(', ') || 'nobody'}`);
}

/** Changes the name on one device and waits until both have heard; the friend does not watch, and asks. */
async function rename(phone: Device, laptop: Device): Promise<void> {
  const name = `${phone.person.name} (on tour)`;
  line(`[${phone.label}] changes its name to ${shown(name)}`);
  const write = phone.client.partialUpdateUser({ id: phone.person.id, set: { name } });
  await Promise.all([write, nextUpdate(phone), nextUpdate(laptop)]);
}

/** The next `user.updated` a device hears. Rejects when none comes in time. */
function nextUpdate({ label, client }: Device): Promise<UserUpdatedEvent<PersonCustom>> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      undo();
      reject(new Error(`${label.trim()} heard nothing for ${DEADLINE_MS} ms`));
    }, DEADLINE_MS);
    const undo = client.on('user.updated', (event) => {
      clearTimeout(late);
      undo();
      resolve(event);
    });
  });
}
