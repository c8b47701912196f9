// The systems whose exports `users import --from NAME` reads, by their names.

import type { System } from './system.ts';

/** Each is loaded when it is needed. */
export const systems = {
  aspnet: async (): Promise<System> => (await import('./aspnet.ts')).aspnet,
  auth0: async (): Promise<System> => (await import('./auth0.ts')).auth0,
  devise: async (): Promise<System> => (await import('./devise.ts')).devise,
  django: async (): Promise<System> => (await import('./django.ts')).django,
  firebase: async (): Promise<System> => (await import('./firebase.ts')).firebase,
  keycloak: async (): Promise<System> => (await import('./keycloak.ts')).keycloak,
  laravel: async (): Promise<System> => (await import('./laravel.ts')).laravel,
  ldif: async (): Promise<System> => (await import('./ldif.ts')).ldif,
  okta: async (): Promise<System> => (await import('./okta.ts')).okta,
  supabase: async (): Promise<System> => (await import('./supabase.ts')).supabase,
  wordpress: async (): Promise<System> => (await import('./wordpress.ts')).wordpress,
};

export type SystemName = keyof typeof systems;

export const systemNames = Object.keys(systems) as SystemName[];
