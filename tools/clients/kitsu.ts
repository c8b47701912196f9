import Kitsu from 'kitsu';
import { cursorOf, type MakeClient, signInFields } from './organizations-client.ts';

export const makeClient: MakeClient = (url, token) => {
  const api = new Kitsu({
    baseURL: url,
    headers: { 'X-Auth-Token': token },
    camelCaseTypes: false,
    resourceCase: 'none',
    pluralize: false,
  });

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
    detailsOf: ({ errors }: any) => errors.map(({ detail }: any) => detail),
  };
};
