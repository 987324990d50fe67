// Every page: its route as `app/src/shell.rs` has it, an address of it in the world of these specs, and the role that
// it needs. A new page joins by a line; `tables.spec.ts` fails without it.
import { type Role } from './people';
import { type World } from './world';

export type Listed = { route: string; path: (world: World) => string; needs?: Role };

const nth = (path: string): string => path.split('/').pop()!;

export const pages: Listed[] = [
  { route: '/', path: () => '/' },
  { route: '/wallets', path: () => '/wallets' },
  { route: '/wallets/:id', path: ({ wallet }) => wallet },
  { route: '/accounts/:id', path: ({ account }) => account },
  { route: '/accounts/:id/send', path: ({ account }) => `${account}/send`, needs: 'operator' },
  { route: '/accounts/:id/transfer', path: ({ account }) => `${account}/transfer`, needs: 'operator' },
  { route: '/accounts/:id/addresses', path: ({ account }) => `${account}/addresses` },
  { route: '/transactions', path: () => '/transactions' },
  { route: '/transactions/:id', path: ({ sent }) => sent },
  { route: '/broadcasts', path: () => '/broadcasts' },
  { route: '/broadcasts/:id', path: ({ broadcast }) => broadcast },
  { route: '/foreign-spends/:id', path: ({ foreignSpend }) => foreignSpend },
  { route: '/reconciliations/:coin', path: () => '/reconciliations/ltc' },
  { route: '/events', path: () => '/events' },
  { route: '/events/:sequence', path: () => '/events/1' },
  { route: '/deliveries', path: () => '/deliveries' },
  { route: '/jobs', path: () => '/jobs' },
  { route: '/addresses', path: () => '/addresses' },
  { route: '/addresses/:id', path: () => '/addresses/1' },
  { route: '/network-transactions', path: () => '/network-transactions' },
  { route: '/network-transactions/:id', path: () => '/network-transactions/1' },
  { route: '/api', path: () => '/api' },
  { route: '/find', path: ({ address }) => `/find?q=${address}` },
  { route: '/users', path: () => '/users', needs: 'admin' },
  { route: '/users/:id', path: () => '/users/1', needs: 'admin' },
  { route: '/profile', path: () => '/profile' },
  { route: '/profile/password', path: () => '/profile/password' },
  { route: '/profile/second-factor', path: () => '/profile/second-factor' },
  { route: '/step-up', path: () => '/step-up' },
  { route: '/tokens', path: () => '/tokens', needs: 'admin' },
  { route: '/audit-log', path: () => '/audit-log', needs: 'admin' },
  { route: '/settings', path: () => '/settings', needs: 'admin' },
  { route: '/simulator', path: () => '/simulator' },
];

/** Pages that stand outside: what they show of a stranger. */
export const strangers = ['/sign-in', '/sign-in/code'];

/** The same pages in other states: empty, in error, refused, deep. Axe and the camera look at these too. */
export function states(world: World): Record<string, string> {
  const wrong = { review: '1', to_address: 'rltc1qwrong', amount: '99', label: 'Withdrawal 2211' };
  return {
    'account-empty': world.empty,
    'account-fees': world.fees,
    'account-year': `${world.account}?range=1y`,
    'account-asks': `${world.account}?ask_amount=0.5&ask_label=Halden+Books`,
    'account-asks-refused': `${world.account}?ask_amount=half`,
    'account-label-refused': `${world.account}/addresses?refused=bad_label&label=too+long`,
    'addresses-archived': `${world.account}/addresses?archived=1`,
    'send-refused': `${world.account}/send?${new URLSearchParams(wrong)}`,
    'send-review': `${world.account}/send?${new URLSearchParams({ ...wrong, to_address: 'rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7k693xs3', amount: '0.25' })}`,
    'transfer-refused': `${world.account}/transfer?review=1&amount=0`,
    'transfer-review': `${world.account}/transfer?review=1&amount=0.5&to_account=${nth(world.empty)}`,
    'wallet-refused': `${world.wallet}?refused=bad_name&name=+`,
    'wallets-refused': '/wallets?refused=bad_name&name=+&coin=doge',
    'transactions-none': '/transactions?label=nothing-like-it',
    'transactions-filtered': '/transactions?state=credited',
    'transaction-pending': world.pending,
    'transaction-cancelled': world.cancelled,
    'transaction-deposit': world.deposit,
    'transaction-refused': `${world.pending}?refused=not_confirmed&reason=asked+for`,
    'simulator-refused': '/simulator?refused=bad_amount&coin=ltc&amount=x',
    'events-none': '/events?name=foreign_spend',
    'deliveries-parked': '/deliveries?state=parked',
    'not-found': '/nowhere',
    'not-an-id': '/accounts/nobody',
  };
}
