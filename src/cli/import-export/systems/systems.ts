// The systems whose exports `users import --from NAME` reads, by their names.

import type { System } from './system.ts';

/** Each is loaded when it is needed. */
export const systems = {
  auth0: async (): Promise<System> => (await import('./auth0.ts')).auth0,
  aspnet: async (): Promise<System> => (await import('./aspnet.ts')).aspnet,
  devise: async (): Promise<System> => (await import('./devise.ts')).devise,
  django: async (): Promise<System> => (await import('./django.ts')).django,
  laravel: async (): Promise<System> => (await import('./laravel.ts')).laravel,
  wordpress: async (): Promise<System> => (await import('./wordpress.ts')).wordpress,
};

export type SystemName = keyof typeof systems;

export const systemNames = Object.keys(systems) as SystemName[];
