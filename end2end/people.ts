// Who uses Coffer in these specs: one person of each role, made by the command line before the server starts.
export type Role = 'viewer' | 'operator' | 'admin';

export type Person = { name: string; password: string; role: Role };

const password = 'correct horse battery staple';

/** The user that every server of these specs starts with. */
export const admin: Person = { name: 'ada', password, role: 'admin' };
export const operator: Person = { name: 'olga', password, role: 'operator' };
/** A second operator, for what one must not do with the other's forms. */
export const colleague: Person = { name: 'omar', password, role: 'operator' };
export const viewer: Person = { name: 'vera', password, role: 'viewer' };

const order: Role[] = ['viewer', 'operator', 'admin'];

/** Whether somebody of this role may do what needs that one. */
export function may(role: Role, needs: Role): boolean {
  return order.indexOf(role) >= order.indexOf(needs);
}
