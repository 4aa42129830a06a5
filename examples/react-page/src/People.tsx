import type { User } from '@rollcall/client';
import { usePresence, useUsers } from '@rollcall/client/react';
import { Avatar } from './Avatar.tsx';

/** Everybody else: those who are here, and those who were. Newcomers come in with the next reading. */
export function People({ myId }: { readonly myId: string }) {
  const { users, status, more, error } = useUsers(
    { id: { $ne: myId } },
    { sort: { last_active: -1 }, limit: 50, refreshMs: 3_000 },
  );
  const byName = [...users].sort((a, b) => (a.name ?? a.id).localeCompare(b.name ?? b.id));
  const here = byName.filter(({ online }) => online);
  const away = byName.filter(({ online }) => !online);
  return (
    <section className={`card people ${status}`} data-status={status}>
      <Group title="Here now" people={here} empty={status === 'loading' ? 'Looking …' : 'Nobody else'} />
      {away.length > 0 && <Group title="Away" people={away} empty="" />}
      {more && <small>These are the 50 who were here last.</small>}
      {error && <p className="fault">{error.message}</p>}
    </section>
  );
}

function Group({
  title,
  people,
  empty,
}: {
  readonly title: string;
  readonly people: readonly User[];
  readonly empty: string;
}) {
  return (
    <>
      <h2>
        {title} <small>{people.length}</small>
      </h2>
      {people.length === 0 && <p className="empty">{empty}</p>}
      <ul>
        {people.map((user) => (
          <Person key={user.id} id={user.id} name={user.name ?? user.id} />
        ))}
      </ul>
    </>
  );
}

/** One of them. Each asks for its own presence; the client reads all of them in one query. */
function Person({ id, name }: { readonly id: string; readonly name: string }) {
  const { online, lastActive } = usePresence(id);
  return (
    <li data-id={id} data-online={online}>
      <Avatar id={id} name={name} online={online} />
      <span className="name">{name}</span>
      <small>{online ? 'online' : seen(lastActive)}</small>
    </li>
  );
}

function seen(lastActive: string | undefined): string {
  if (lastActive === undefined) return 'never seen';
  const time = new Date(lastActive);
  const today = time.toDateString() === new Date().toDateString();
  return `seen ${today ? time.toLocaleTimeString([], { timeStyle: 'short' }) : time.toLocaleDateString()}`;
}
