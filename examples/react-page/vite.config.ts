import { defineConfig } from 'vite';
import { signInDoor } from './backend.ts';

const { ROLLCALL_URL: url = 'http://127.0.0.1:8800', ROLLCALL_API_KEY, ROLLCALL_API_SECRET } = process.env;
if (!ROLLCALL_API_KEY || !ROLLCALL_API_SECRET) {
  throw new Error(
    'Please set ROLLCALL_API_KEY and ROLLCALL_API_SECRET. Start Rollcall with `npm start`; `npm run app -- list --secret` shows both.',
  );
}
const door = signInDoor({ url, apiKey: ROLLCALL_API_KEY, secret: ROLLCALL_API_SECRET });

/** The page, and beside it the backend that signs people in. */
export default defineConfig({
  plugins: [{ name: 'sign-in', configureServer: ({ middlewares }) => void middlewares.use(door) }],
});
