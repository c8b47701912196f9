import devour from 'devour-client';
import type { MakeInvitationsClient } from './invitations-client.ts';
import { cursorOf, type MakeClient, signInFields } from './organizations-client.ts';
import type { MakePasswordsClient } from './passwords-client.ts';
import type { MakeSessionsClient } from './sessions-client.ts';

// A CommonJS package with a default export.
const JsonApi: any = (devour as any).default ?? devour;

const detailsOf = (error: unknown): string[] =>
  Object.values(error as object).map(({ detail }: any) => detail);

export const makeClient: MakeClient = (url, token) => {
  const api = new JsonApi({ apiUrl: url, logger: false });
  api.headers['X-Auth-Token'] = token;
  const one = (type: string) => ({ jsonApi: 'hasOne', type });
  api.define('organization', { name: '' });
  api.define('user', { email: '' });
  api.define('person', { first_name: '', last_name: '', email: '', organization: one('organizations') });
  api.define('organization_membership', {
    role: '',
    expires_at: '',
    person: one('people'),
    organization: one('organizations'),
    user: one('users'),
  });

  async function all(request: (params: object) => Promise<any>): Promise<any[]> {
    const found: any[] = [];
    let after: string | null = '';
    while (after !== null) {
      const { data, links } = await request({ page: { after, size: 2 } });
      found.push(...data);
      after = cursorOf(links);
    }
    return found;
  }

  return {
    async signIn() {
      const params = { include: 'person,organization', fields: signInFields };
      const { data } = await api.findAll('organization_membership', params);
      return { firstName: data[0].person.first_name, organization: data[0].organization.name };
    },
    namesOfOrganizations: async () => (await api.findAll('organization')).data.map(({ name }: any) => name),
    people: async () =>
      (await all((params) => api.findAll('person', { ...params, include: 'organization' }))).map(
        ({ email, organization }) => `${email}, ${organization.name}`,
      ),
    members: async (organizationId) =>
      (
        await all((params) =>
          api
            .one('organization', organizationId)
            .all('organization_membership')
            .get({ ...params, include: 'person' }),
        )
      ).map(({ role, person }) => `${role} ${person.first_name}`),
    // The whole record goes back, with its relationships.
    async changeRole(id, role) {
      const { data } = await api.find('organization_membership', id, { include: 'person,organization' });
      return (await api.update('organization_membership', { ...data, role })).data.role;
    },
    async addMember({ organizationId, userId, role }) {
      const { data } = await api.create('organization_membership', {
        role,
        organization: { id: organizationId, type: 'organizations' },
        user: { id: userId, type: 'users' },
      });
      return data.id;
    },
    async removeMember(id) {
      await api.destroy('organization_membership', id);
    },
    include: (id, include) => api.find('organization_membership', id, { include }),
    detailsOf,
  };
};

export const makeSessionsClient: MakeSessionsClient = (url) => {
  const api = new JsonApi({ apiUrl: url, logger: false });
  api.define('session', { name: '', email: '', password: '', token: '', read_only: '', user_id: '' });
  return {
    useToken(token) {
      api.headers['X-Auth-Token'] = token;
    },
    signIn: async (account) => (await api.create('session', account)).data,
    async sessions() {
      const { data, meta } = await api.findAll('session');
      return { names: data.map(({ name }: any) => name), current: meta.current };
    },
    createToken: async (name) => (await api.one('session', 'machine').post({ name, read_only: true })).data,
    // The whole record goes back.
    async rename(id, name) {
      const { data } = await api.find('session', id);
      return (await api.update('session', { ...data, name })).data.name;
    },
    async end(id) {
      await api.destroy('session', id);
    },
    detailsOf,
  };
};

export const makePasswordsClient: MakePasswordsClient = (url) => {
  const api = new JsonApi({ apiUrl: url, logger: false });
  api.define('password', { email: '', first_password: '', password: '', password_confirmation: '' });
  return {
    async ask(email) {
      await api.create('password', { email });
    },
    async show(token) {
      const { id, email, first_password: firstPassword } = (await api.find('password', token)).data;
      return { id, email, firstPassword };
    },
    async reset(token, password) {
      const { data } = await api.find('password', token);
      await api.update('password', { ...data, password, password_confirmation: password });
    },
    detailsOf,
  };
};

export const makeInvitationsClient: MakeInvitationsClient = (url) => {
  const api = new JsonApi({ apiUrl: url, logger: false });
  const names = { first_name: '', last_name: '' };
  api.define('invitation', { token: '', email: '', ...names, time_zone: '', password: '' });
  return {
    async ask(token, email) {
      await api.create('invitation', { token, email });
    },
    async show(token) {
      const { id, email, first_name: firstName } = (await api.find('invitation', token)).data;
      return { id, email, firstName };
    },
    async accept(token, more) {
      const { data } = await api.find('invitation', token);
      await api.update('invitation', { ...data, ...more });
    },
    detailsOf,
  };
};
