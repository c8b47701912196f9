import spraypaint from 'spraypaint';
import { type MakeClient, signInFields } from './organizations-client.ts';

const { SpraypaintBase, attr, belongsTo } = spraypaint as any;

export const makeClient: MakeClient = (url, token) => {
  const { origin, pathname } = new URL(url);
  const Base = SpraypaintBase.extend({
    static: { baseUrl: origin, apiNamespace: pathname, keyCase: { server: 'snake', client: 'snake' } },
  });
  Base.fetchOptions = () => {
    const options = SpraypaintBase.fetchOptions.call(Base);
    return { ...options, headers: { ...options.headers, 'X-Auth-Token': token } };
  };
  const Organization = Base.extend({ static: { jsonapiType: 'organizations' }, attrs: { name: attr() } });
  const User = Base.extend({ static: { jsonapiType: 'users' }, attrs: { email: attr() } });
  const Person = Base.extend({
    static: { jsonapiType: 'people' },
    attrs: { first_name: attr(), email: attr(), organization: belongsTo({ type: Organization }) },
  });
  const Membership = Base.extend({
    static: { jsonapiType: 'organization_memberships' },
    attrs: {
      role: attr(),
      expires_at: attr(),
      person: belongsTo({ type: Person }),
      organization: belongsTo({ type: Organization }),
      user: belongsTo({ type: User }),
    },
  });

  /** By page numbers: the library leaves out empty parameters, and the first cursor is empty. */
  async function all(scope: any): Promise<any[]> {
    const found: any[] = [];
    for (let number = 1; ; number++) {
      const { data, meta } = await scope.page(number).per(2).all();
      found.push(...data);
      if (number >= meta.total_pages) return found;
    }
  }

  /** A record that is known by its id alone. */
  function known(Model: any, id: string): any {
    const model = new Model({ id });
    model.isPersisted = true;
    return model;
  }

  async function save(model: any, options = {}): Promise<any> {
    if (!(await model.save(options))) throw model.errors;
    return model;
  }

  return {
    async signIn() {
      const select = Object.fromEntries(
        Object.entries(signInFields).map(([type, names]) => [type, names.split(',')]),
      );
      const { data } = await Membership.includes(['person', 'organization']).select(select).all();
      return { firstName: data[0].person.first_name, organization: data[0].organization.name };
    },
    namesOfOrganizations: async () => (await Organization.all()).data.map(({ name }: any) => name),
    people: async () =>
      (await all(Person.includes('organization'))).map(
        ({ email, organization }) => `${email}, ${organization.name}`,
      ),
    async members(organizationId) {
      const OfOrganization = Membership.extend({
        static: { endpoint: `/organizations/${organizationId}/organization_memberships` },
      });
      const found = await all(OfOrganization.includes('person'));
      return found.map(({ role, person }) => `${role} ${person.first_name}`);
    },
    async changeRole(id, role) {
      const { data } = await Membership.includes(['person', 'organization']).find(id);
      data.role = role;
      return (await save(data)).role;
    },
    async addMember({ organizationId, userId, role }) {
      const membership = new Membership({ role });
      membership.organization = known(Organization, organizationId);
      membership.user = known(User, userId);
      return (await save(membership, { with: ['organization.id', 'user.id'] })).id;
    },
    async removeMember(id) {
      await known(Membership, id).destroy();
    },
    include: (id, path) => Membership.includes(path).find(id),
    // The library reads the errors of a 422; of the others it keeps the response.
    async detailsOf(error: any) {
      if (error.response === undefined)
        return Object.values(error).map(({ fullMessage }: any) => fullMessage);
      return (await error.response.json()).errors.map(({ detail }: any) => detail);
    },
  };
};
