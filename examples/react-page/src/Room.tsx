import { RollcallProvider } from '@rollcall/client/react';
import { Me } from './Me.tsx';
import { People } from './People.tsx';
import type { Visit } from './sign-in.ts';

/** What somebody sees who is in: themselves, and everybody else. */
export function Room({ visit, onLeave }: { readonly visit: Visit; readonly onLeave: () => Promise<void> }) {
  return (
    <RollcallProvider client={visit.client}>
      <Me id={visit.id} onLeave={onLeave} />
      <People myId={visit.id} />
    </RollcallProvider>
  );
}
