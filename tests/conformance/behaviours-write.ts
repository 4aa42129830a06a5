import { ours, partly, section, yes } from './behaviour.ts';

/** What every call shares, the user, and the calls that write. */
export const WRITE_BEHAVIOURS = {
  ...section(1, {
    'envelope.app': yes('`api_key` names the app; nothing crosses between the apps of one server'),
    'envelope.paths': yes('Unknown paths and methods: 404, code 16'),
    'envelope.cors': yes('CORS: any origin, preflights answered before any check'),
    'envelope.bodies': yes('Bodies: clear errors for what is broken or too big; chunked and empty bodies are fine'),
    'envelope.order': yes('Checks in order: key, app, token, permission, body'),
    'envelope.faults': ours(
      'A refused batch names every fault of its phase in `exception_fields`, the first in `message`',
    ),
    'envelope.hostile': ours('Any JSON anywhere gets an answer, never an internal error'),
    'envelope.channeltypes': partly('`GET /channeltypes`', 'An app without channels has no types: always `{}`'),
  }),
  ...section(2, {
    'user.ids': yes('Ids: 1–255 of `[@\\w-]`, chosen by the caller, case counts'),
    'user.fields': yes('Built-in fields: roles, teams, roles in teams, language, `invisible`, `privacy_settings`'),
    'user.types': ours('Nothing is coerced or stripped: a value of another type is code 4, naming the field'),
    'user.reserved': yes('Reserved fields are refused'),
    'user.read-only': ours('Read-only fields are ignored in an upsert', 'The hosted API refuses `online`'),
    'user.round-trip': ours('Every user that was answered can be sent back and moves nothing'),
    'user.private': yes(
      'Others see neither `invisible` nor `privacy_settings`; nobody but the backend sees a revocation',
    ),
    'user.size': ours(
      'Custom data: up to 5,120 bytes after the write, with `name` and `image`',
      'Else 413, code 22, naming the user',
    ),
    'user.custom': yes('Custom data lies flat beside the built-in fields and is kept as it was sent'),
    'user.keys': ours(
      'Keys that readers might take for another are refused',
      '`__proto__` and its kin; a backslash in a key; built-in names in another case',
    ),
    'user.times': ours('`created_at` never moves; `updated_at` strictly increases, and only when something changed'),
  }),
  ...section(3, {
    'upsert.shape': yes('1–100 users in a map; an absent `id` is taken from the key'),
    'upsert.replaces': yes('An upsert replaces: custom data that it does not name is removed'),
    'upsert.keeps': ours('Built-in fields that an upsert does not name are kept; `null` resets one'),
    'upsert.batch': yes('All or nothing, answered in the order of the request'),
    'upsert.permission': yes('A user writes itself only, and neither role nor teams'),
  }),
  ...section(4, {
    'patch.paths': yes('`set` and `unset` by name or dot path, together or alone'),
    'patch.built-ins': yes('Built-in fields: `null` and `unset` reset them'),
    'patch.nothing': ours('A change that changes nothing moves nothing'),
    'patch.batch': yes('All or nothing; unknown users 404, code 16; a user named twice is changed in order'),
    'patch.refused': ours('Paths that cannot be, overlaps and wrong shapes are code 4, naming the path'),
    'patch.concurrent': yes('Concurrent partial updates of one user never lose each other'),
    'patch.permission': yes('A user changes itself only, and neither role, teams nor revocation'),
  }),
  ...section(5, {
    'connect.hello': yes('The first frame: `health.check` with `connection_id` and `me`'),
    'connect.me': partly('`me` carries devices, mutes and unread counts', 'Empty and 0: they are not served'),
    'connect.creates': yes('A connect makes its user, with role `user` whatever it claims'),
    'connect.merges': yes('A connect updates its user in part: nothing is removed, role and teams are ignored'),
    'connect.policy': ours('`connect_policy: create_only`: details are used only to make the user'),
    'connect.lenient': yes('The address is read leniently, up to 128 KiB'),
    'connect.refused': yes(
      'A refusal is a frame that a browser can read, then the close',
      'The close codes are ours: they say what to do next',
    ),
    'connect.frames': yes('Frames of clients count as life; broken ones close that connection only'),
    'connect.heartbeat': yes('The server greets every 25 s with `health.check`, and closes who is silent for 75 s'),
    'connect.limit': ours('At most 50 connections of one user; the next one is refused'),
    'connect.ends': yes('A connection ends with its token: expired or revoked'),
    'connect.restart': ours('A server that stops says so: close code 1012, come back'),
  }),
  ...section(6, {
    'names.modes': yes('`enforce_unique_usernames`: `no`, `app`; a taken name is code 6'),
    'names.teams': yes('`enforce_unique_usernames: team`', 'Users without teams never clash (ours)'),
    'names.key': ours('Names are compared by a key: case, width, spaces and punctuation do not count'),
    'names.existing': yes('Existing duplicates stay usable when it is switched on'),
    'names.race': yes('Of many simultaneous takers of one name one wins'),
  }),
  ...section(7, {
    'app.read': yes('`GET /app`, for the backend only'),
    'app.write': yes('`PATCH /app` changes the keys that are present'),
    'app.struct': ours('A settings struct with everything zero beside one key changes that key only'),
    'app.kept': partly('Settings of webhooks, push and uploads', 'Kept, masked and given back; nothing is delivered'),
    'app.refused': yes('A bad setting is code 4, naming the key'),
    'app.roles': yes('Custom roles: `GET`, `POST` and `DELETE /roles`, up to 25'),
    'app.suspended': yes('A suspended app is 403, code 99'),
  }),
} as const;
