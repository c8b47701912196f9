import coloquent from 'coloquent';
import { type MakeClient, signInFields } from './organizations-client.ts';

const { Model, PaginationStrategy } = coloquent as any;

class Base extends Model {
  static override paginationStrategy = PaginationStrategy.PageBased;
  static override pageSize = 2;
  getJsonApiBaseUrl() {
    return url;
  }
}
class Organization extends Base {
  jsonApiType = 'organizations';
}
class User extends Base {
  jsonApiType = 'users';
}
class Person extends Base {
  jsonApiType = 'people';
  organization() {
    return this.hasOne(Organization);
  }
}
class Membership extends Base {
  jsonApiType = 'organization_memberships';
  person() {
    return this.hasOne(Person);
  }
  organization() {
    return this.hasOne(Organization);
  }
  user() {
    return this.hasOne(User);
  }
}

/** The library has one base URL and one HTTP client for all models, made with the first of them. */
let url = '';
new Base();
const axios = Model.getHttpClient().getImplementingClient();
// Of a request that fails, the library keeps only the message.
axios.interceptors.response.use(null, (error: any) => {
  error.message = error.response.data.errors.map(({ detail }: any) => detail).join('\n');
  throw error;
});

export const makeClient: MakeClient = (baseUrl, token) => {
  function use(): void {
    url = baseUrl;
    new Base();
    axios.defaults.headers['X-Auth-Token'] = token;
  }

  /** By page numbers, which the library sends with every list. */
  async function all(query: any): Promise<any[]> {
    use();
    const found: any[] = [];
    for (let page = 1; ; page++) {
      const response = await query.get(page);
      found.push(...response.getData());
      if (page >= response.getHttpClientResponse().getData().meta.total_pages) return found;
    }
  }

  function known(One: any, id: string): any {
    const model = new One();
    model.setApiId(id);
    return model;
  }

  const included = (model: any, name: string, attribute: string) =>
    model.getRelation(name).getAttribute(attribute);

  return {
    async signIn() {
      use();
      let query = Membership.with('person').with('organization');
      for (const [type, names] of Object.entries(signInFields))
        query = query.option(`fields[${type}]`, names);
      const [membership] = (await query.get()).getData();
      return {
        firstName: included(membership, 'person', 'first_name'),
        organization: included(membership, 'organization', 'name'),
      };
    },
    namesOfOrganizations: async () =>
      (await all(Organization.query())).map((one) => one.getAttribute('name')),
    people: async () =>
      (await all(Person.with('organization'))).map(
        (person) => `${person.getAttribute('email')}, ${included(person, 'organization', 'name')}`,
      ),
    async members(organizationId) {
      class OfOrganization extends Membership {
        override jsonApiType = `organizations/${organizationId}/organization_memberships`;
      }
      const found = await all(OfOrganization.with('person'));
      return found.map((one) => `${one.getAttribute('role')} ${included(one, 'person', 'first_name')}`);
    },
    // The whole record goes back, with its relationships.
    async changeRole(id, role) {
      use();
      const membership = (await Membership.with('person').with('organization').find(id)).getData();
      membership.setAttribute('role', role);
      return (await membership.save()).getModel().getAttribute('role');
    },
    async addMember({ organizationId, userId, role }) {
      use();
      const membership = new Membership();
      membership.setAttribute('role', role);
      membership.setRelation('organization', known(Organization, organizationId));
      membership.setRelation('user', known(User, userId));
      return (await membership.save()).getModel().getApiId();
    },
    async removeMember(id) {
      use();
      await known(Membership, id).delete();
    },
    async include(id, path) {
      use();
      return Membership.with(path).find(id);
    },
    detailsOf: ({ message }: any) => message.split('\n'),
  };
};
