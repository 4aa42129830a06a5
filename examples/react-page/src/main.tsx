import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Room } from './Room.tsx';
import { SignIn } from './SignIn.tsx';
import { signIn, type Visit } from './sign-in.ts';

function Page() {
  const [visit, setVisit] = useState<Visit>();
  if (!visit) return <SignIn onName={async (name) => setVisit(await signIn(name))} />;
  const leave = async (): Promise<void> => {
    await visit.client.disconnectUser();
    setVisit(undefined);
  };
  return <Room visit={visit} onLeave={leave} />;
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
