import { BUILT_IN_ROLES, CUSTOM_ROLES } from '@rollcall/domain/app';
import Type, { type Static } from 'typebox';
import { LIMITS } from './limits.ts';

/*
 * The shapes of the wire, declared once: they are the types, they validate, and `/openapi.json` is made of them. What lies
 * inside a user is read by parse.ts, which names every fault of a batch; a test holds the two against each other.
 */

const Time = Type.String({ format: 'date-time', description: 'RFC 3339; answered in UTC with milliseconds.' });
const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Toggle = Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false });

/** A user's id. */
export const UserId = Type.String({ pattern: '^[@\\w-]+$', minLength: 1, maxLength: 255 });

const PrivacySettings = Type.Object(
  {
    typing_indicators: Type.Optional(Toggle),
    read_receipts: Type.Optional(Toggle),
    delivery_receipts: Type.Optional(Toggle),
  },
  { additionalProperties: false },
);

const Team = Type.String({ minLength: 1, maxLength: 100 });
const Teams = Type.Array(Team, { maxItems: 250 });
const TeamsInput = Type.Array(Team, { description: 'At most 250; one that is repeated counts once.' });
const Language = Type.String({ pattern: '^([a-z]{2,3}(-[A-Za-z0-9]{2,8})?)?$' });

const written = {
  role: Type.Optional(Nullable(Type.String({ minLength: 1 }))),
  name: Type.Optional(Nullable(Type.String())),
  image: Type.Optional(Nullable(Type.String())),
  teams: Type.Optional(Nullable(TeamsInput)),
  teams_role: Type.Optional(
    Nullable(Type.Record(Type.String(), Type.String({ minLength: 1 }), { maxProperties: 250 })),
  ),
  language: Type.Optional(Nullable(Language)),
  invisible: Type.Optional(Nullable(Type.Boolean())),
  privacy_settings: Type.Optional(Nullable(PrivacySettings)),
};

/** A user as a caller states it; every other key is custom data. */
export const UserInput = Type.Object(
  { id: Type.Optional(UserId), ...written },
  { additionalProperties: true, description: 'A user; every key that is not built in is custom data.' },
);

/** A partial change of one user. */
export const UserPatch = Type.Object(
  {
    id: UserId,
    set: Type.Optional(
      Nullable(Type.Record(Type.String(), Type.Unknown(), { description: 'Values by name or dot path.' })),
    ),
    unset: Type.Optional(Nullable(Type.Array(Type.String(), { description: 'Names or dot paths to remove.' }))),
  },
  { additionalProperties: true },
);

/** The body of an upsert. */
export const UpsertBody = Type.Object({
  users: Type.Record(Type.String(), UserInput, { minProperties: 1, maxProperties: LIMITS.usersPerBatch }),
});

/** The body of a partial update. */
export const PatchBody = Type.Object({
  users: Type.Array(UserPatch, { minItems: 1, maxItems: LIMITS.usersPerBatch }),
});

/** A user as it is answered. */
export const UserAnswer = Type.Object(
  {
    id: UserId,
    role: Type.String(),
    name: Type.Optional(Type.String()),
    image: Type.Optional(Type.String()),
    teams: Teams,
    teams_role: Type.Optional(Type.Record(Type.String(), Type.String())),
    language: Type.String(),
    banned: Type.Boolean(),
    online: Type.Boolean(),
    invisible: Type.Optional(Type.Boolean()),
    privacy_settings: Type.Optional(PrivacySettings),
    revoke_tokens_issued_before: Type.Optional(Time),
    created_at: Time,
    updated_at: Time,
    last_active: Type.Optional(Time),
    deactivated_at: Type.Optional(Time),
    blocked_user_ids: Type.Array(Type.String()),
  },
  { additionalProperties: true, description: 'A user with its custom data beside the built-in fields.' },
);

const Duration = Type.String({ description: 'How long the server took.', examples: ['1.87ms'] });

/** Users by id. */
export const UsersAnswer = Type.Object({ users: Type.Record(Type.String(), UserAnswer), duration: Duration });

const Direction = Type.Enum([1, -1]);
const IdBound = Type.Optional(Nullable(Type.String()));

/** What `payload` of a query holds. */
export const QueryPayload = Type.Object(
  {
    filter_conditions: Type.Optional(Nullable(Type.Record(Type.String(), Type.Unknown()))),
    sort: Type.Optional(
      Nullable(
        Type.Array(Type.Object({ field: Type.String(), direction: Type.Optional(Nullable(Direction)) }), {
          maxItems: LIMITS.sortFields,
        }),
      ),
    ),
    limit: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: LIMITS.queryLimit }))),
    offset: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: LIMITS.queryOffset }))),
    id_gt: IdBound,
    id_gte: IdBound,
    id_lt: IdBound,
    id_lte: IdBound,
    next: Type.Optional(Nullable(Type.String())),
    presence: Type.Optional(Nullable(Type.Boolean({ description: 'Watch the users that are answered.' }))),
    connection_id: Type.Optional(
      Nullable(Type.String({ description: 'Which connection watches; it may stand in the URL as well.' })),
    ),
    include_deactivated_users: Type.Optional(Nullable(Type.Boolean())),
  },
  { additionalProperties: true },
);
export type QueryPayload = Static<typeof QueryPayload>;

/** A page of users. */
export const PageAnswer = Type.Object({
  users: Type.Array(UserAnswer),
  next: Type.Optional(Type.String({ description: 'Where the next page begins; absent on the last one.' })),
  duration: Duration,
});

/** Why a user is shown as it is. */
export const PresenceAnswer = Type.Object({
  presence: Type.Object({
    online: Type.Boolean({ description: 'As others see it.' }),
    invisible: Type.Boolean(),
    last_active: Type.Optional(Time),
    grace_until: Type.Optional(
      Type.String({ format: 'date-time', description: 'The last connection closed, and may come back until then.' }),
    ),
    connections: Type.Array(
      Type.Object({
        id: Type.String(),
        node: Type.String({ description: 'The server process that holds it.' }),
        device: Type.String({ description: 'What the client said it is; empty when it said nothing.' }),
        connected_at: Time,
        last_heartbeat: Time,
        lease_until: Time,
        closed: Type.Boolean(),
      }),
    ),
  }),
  duration: Duration,
});

const Roles = Type.Array(Type.String(), { maxItems: BUILT_IN_ROLES.length + CUSTOM_ROLES });

/** Settings that Rollcall itself reads. An empty text or null says nothing. */
export const SettingsBody = Type.Object(
  {
    enforce_unique_usernames: Type.Optional(Nullable(Type.Enum(['no', 'app', 'team', '']))),
    enforce_unique_username: Type.Optional(Nullable(Type.Enum(['no', 'app', 'team', '']))),
    multi_tenant_enabled: Type.Optional(Nullable(Type.Boolean())),
    disable_auth_checks: Type.Optional(Nullable(Type.Boolean())),
    disable_permissions_checks: Type.Optional(Nullable(Type.Boolean())),
    revoke_tokens_issued_before: Type.Optional(Nullable(Time)),
    user_search_disallowed_roles: Type.Optional(Nullable(Roles)),
    guest_user_creation_disabled: Type.Optional(Nullable(Type.Boolean())),
    connect_policy: Type.Optional(Nullable(Type.Enum(['merge', 'create_only', '']))),
    permission_version: Type.Optional(Nullable(Type.Enum(['v2', '']))),
    indexed_fields: Type.Optional(Nullable(Type.Array(Type.String({ minLength: 1 }), { maxItems: 10 }))),
  },
  { additionalProperties: true, description: 'Only the keys that are present change.' },
);
export type SettingsBody = Static<typeof SettingsBody>;

/** The settings of an app as they are answered. */
export const AppAnswer = Type.Object({
  app: Type.Object({}, { additionalProperties: true }),
  warnings: Type.Optional(Type.Array(Type.String())),
  duration: Duration,
});

/** The body that makes a role. */
export const RoleBody = Type.Object(
  { name: Type.String({ pattern: '^[\\w-]{1,64}$' }) },
  { additionalProperties: true },
);
export type RoleBody = Static<typeof RoleBody>;

const Role = Type.Object({
  name: Type.String(),
  custom: Type.Boolean(),
  scopes: Type.Array(Type.String()),
  created_at: Time,
  updated_at: Time,
});

/** One role. */
export const RoleAnswer = Type.Object({ role: Role, duration: Duration });
/** Every role of an app. */
export const RolesAnswer = Type.Object({ roles: Type.Array(Role), duration: Duration });
/** An answer that says only that it is done. */
export const DoneAnswer = Type.Object({ duration: Duration });
/** The channel types of an app that has no channels. */
export const ChannelTypesAnswer = Type.Object({ channel_types: Type.Object({}), duration: Duration });

/** What every refusal looks like. */
export const ErrorAnswer = Type.Object({
  code: Type.Integer(),
  StatusCode: Type.Integer(),
  message: Type.String(),
  exception_fields: Type.Optional(Type.Record(Type.String(), Type.String())),
  duration: Duration,
  more_info: Type.String(),
  details: Type.Array(Type.Unknown()),
});
