import Kitsu from 'kitsu';
import type { MakeInvitationsClient } from './invitations-client.ts';
import { cursorOf, type MakeClient, signInFields } from './organizations-client.ts';
import type { MakePasswordsClient } from './passwords-client.ts';
import type { MakeSessionsClient } from './sessions-client.ts';

const makeApi = (url: string, headers: Record<string, string> = {}) =>
  new Kitsu({ baseURL: url, headers, camelCaseTypes: false, resourceCase: 'none', pluralize: false });

const detailsOf = ({ errors }: any): string[] => errors.map(({ detail }: any) => detail);

export const makeClient: MakeClient = (url, token) => {
  const api = makeApi(url, { 'X-Auth-Token': token });

  async function all(path: string, params: object): Promise<any[]> {
    const found: any[] = [];
    let after: string | null = '';
    while (after !== null) {
      const { data, links } = await api.get(path, { params: { ...params, page: { after, size: 2 } } });
      found.push(...data);
      after = cursorOf(links);
    }
    return found;
  }

  return {
    async signIn() {
      const params = { include: 'person,organization', fields: signInFields };
      const { data } = await api.get('organization_memberships', { params });
      return { firstName: data[0].person.data.first_name, organization: data[0].organization.data.name };
    },
    namesOfOrganizations: async () => (await api.get('organizations')).data.map(({ name }: any) => name),
    people: async () =>
      (await all('people', { include: 'organization' })).map(
        ({ email, organization }) => `${email}, ${organization.data.name}`,
      ),
    members: async (organizationId) =>
      (await all(`organizations/${organizationId}/organization_memberships`, { include: 'person' })).map(
        ({ role, person }) => `${role} ${person.data.first_name}`,
      ),
    changeRole: async (id, role) => (await api.patch('organization_memberships', { id, role })).data.role,
    async addMember({ organizationId, userId, role }) {
      const { data } = await api.post('organization_memberships', {
        role,
        organization: { data: { type: 'organizations', id: organizationId } },
        user: { data: { type: 'users', id: userId } },
      });
      return data.id;
    },
    async removeMember(id) {
      await api.delete('organization_memberships', id);
    },
    include: (id, include) => api.get(`organization_memberships/${id}`, { params: { include } }),
    detailsOf,
  };
};

export const makeSessionsClient: MakeSessionsClient = (url) => {
  const api = makeApi(url);
  return {
    useToken(token) {
      api.headers['X-Auth-Token'] = token;
    },
    signIn: async (account) => (await api.post('sessions', account)).data,
    async sessions() {
      const { data, meta } = await api.get('sessions');
      return { names: data.map(({ name }: any) => name), current: meta.current };
    },
    async createToken(name) {
      // `post` would take the last part of the path for the type.
      const body = { name, read_only: true };
      return (await api.request({ method: 'POST', url: 'sessions/machine', type: 'sessions', body })).data;
    },
    rename: async (id, name) => (await api.patch('sessions', { id, name })).data.name,
    async end(id) {
      await api.delete('sessions', id);
    },
    detailsOf,
  };
};

export const makePasswordsClient: MakePasswordsClient = (url) => {
  const api = makeApi(url);
  const find = async (token: string) => (await api.get(`passwords/${token}`)).data;
  return {
    async ask(email) {
      await api.post('passwords', { email });
    },
    async show(token) {
      const { id, email, first_password: firstPassword } = await find(token);
      return { id, email, firstPassword };
    },
    async reset(token, password) {
      const { type, ...record } = await find(token);
      await api.patch('passwords', { ...record, password, password_confirmation: password });
    },
    detailsOf,
  };
};

export const makeInvitationsClient: MakeInvitationsClient = (url) => {
  const api = makeApi(url);
  const find = async (token: string) => (await api.get(`invitations/${token}`)).data;
  return {
    async ask(token, email) {
      await api.post('invitations', { token, email });
    },
    async show(token) {
      const { id, email, first_name: firstName } = await find(token);
      return { id, email, firstName };
    },
    async accept(token, more) {
      const { type, ...record } = await find(token);
      await api.patch('invitations', { ...record, ...more });
    },
    detailsOf,
  };
};
