// Every order that a form gives: the endpoint beneath /act, the role that it needs, the page where it is offered, and
// what a forger would send. A new one joins by a line; `tables.spec.ts` fails without it, and until a spec carries it
// out.
import { type Role } from './people';
import { outside, type World } from './world';

export type Act = {
  /** `everyone`: also who isn't signed in. */
  needs: Role | 'everyone';
  /** Where its form stands in the world of these specs; other specs bring about the state that offers the others. */
  offered?: (world: World) => string;
  fields: (world: World) => Record<string, string>;
};

const id = (path: string): string => path.split('/').pop()!;

export const acts: Record<string, Act> = {
  sign_in: { needs: 'everyone', offered: () => '/sign-in', fields: () => ({ name: 'nobody', password: 'x' }) },
  // Asked of who has a second factor: `profile.spec.ts`.
  give_code: { needs: 'everyone', fields: () => ({ code: '000000' }) },
  sign_out: { needs: 'viewer', offered: () => '/', fields: () => ({}) },

  create_wallet: { needs: 'operator', offered: () => '/wallets', fields: () => ({ coin: 'ltc', name: 'forged' }) },
  pause_wallet: { needs: 'operator', offered: () => '/wallets/2', fields: () => ({ wallet: '2' }) },
  resume_wallet: {
    needs: 'operator',
    offered: ({ wallet }) => wallet,
    fields: ({ wallet }) => ({ wallet: id(wallet) }),
  },
  // Offered while something waits and nothing holds it: `operation.spec.ts`.
  broadcast_now: { needs: 'operator', fields: ({ wallet }) => ({ wallet: id(wallet) }) },
  create_account: {
    needs: 'operator',
    offered: ({ wallet }) => wallet,
    fields: ({ wallet }) => ({ wallet: id(wallet), name: 'forged' }),
  },
  create_address: {
    needs: 'operator',
    offered: ({ account }) => account,
    fields: ({ account }) => ({ account: id(account), label: 'forged', idempotency_key: 'forged' }),
  },
  // What it imports is made behind Coffer's back, in the tests in Rust: `an_address_of_the_hot_wallet_is_imported`.
  import_address: {
    needs: 'operator',
    offered: ({ account }) => `${account}/addresses`,
    fields: ({ account }) => ({
      account: id(account),
      address: outside,
      import_label: 'forged',
      idempotency_key: 'forged',
    }),
  },
  archive_address: {
    needs: 'operator',
    offered: () => '/addresses/1',
    fields: () => ({ address: '1', confirmed: '1' }),
  },
  transfer: {
    needs: 'operator',
    offered: ({ account, empty }) => `${account}/transfer?review=1&amount=0.1&to_account=${id(empty)}`,
    fields: ({ account, empty }) => ({
      account: id(account),
      to_account: id(empty),
      amount: '0.1',
      idempotency_key: 'forged',
    }),
  },
  send: {
    needs: 'operator',
    offered: ({ account }) => `${account}/send?${new URLSearchParams({ review: '1', to_address: outside, amount: '0.1' })}`,
    fields: ({ account }) => ({
      account: id(account),
      to_address: outside,
      amount: '0.1',
      typed: '0.1',
      idempotency_key: 'forged',
    }),
  },
  mark_processed: {
    needs: 'operator',
    offered: ({ deposit }) => deposit,
    fields: ({ deposit }) => ({ transaction: id(deposit), confirmed: '1' }),
  },
  cancel_transaction: {
    needs: 'operator',
    offered: ({ pending }) => pending,
    fields: ({ pending }) => ({ transaction: id(pending), reason: 'forged', confirmed: '1' }),
  },

  // What is decided about broadcasts is offered as their state allows it: `vetting.spec.ts`, `operation.spec.ts`.
  gather_evidence: { needs: 'operator', fields: ({ broadcast }) => ({ broadcast: id(broadcast) }) },
  close_broadcast: {
    needs: 'operator',
    fields: ({ broadcast }) => ({
      broadcast: id(broadcast),
      txid: 'a'.repeat(64),
      reason: 'forged',
      override_reason: 'forged',
    }),
  },
  vet_broadcast: {
    needs: 'operator',
    fields: ({ broadcast }) => ({ broadcast: id(broadcast), act: 'cancel', reason: 'forged', typed: id(broadcast) }),
  },
  adjust: {
    needs: 'admin',
    offered: ({ foreignSpend }) => foreignSpend,
    fields: ({ foreignSpend, account }) => ({
      account: id(account),
      amount: '17',
      way: 'debit',
      reason: 'forged',
      confirmed: '1',
      from: foreignSpend,
      idempotency_key: 'forged',
    }),
  },
  // Offered where something was delivered, which needs a handler: `deliveries.spec.ts`.
  redeliver: { needs: 'operator', fields: () => ({ delivery: '1', from: '/deliveries' }) },
  redeliver_many: { needs: 'operator', fields: () => ({ handler: 'forged', after: '0' }) },
  run_job: { needs: 'operator', offered: () => '/jobs', fields: () => ({ name: 'scan', coin: 'ltc' }) },

  create_token: {
    needs: 'admin',
    offered: () => '/tokens',
    fields: () => ({ name: 'forged', scope_read: 'read', days: '1' }),
  },
  // Asked for on the page of one token, which must be made first: `tokens.spec.ts`.
  revoke_token: { needs: 'admin', fields: () => ({ token: '1' }) },

  add_user: { needs: 'admin', offered: () => '/users', fields: () => ({ name: 'forged', role: 'admin' }) },
  change_role: { needs: 'admin', offered: () => '/users/2', fields: () => ({ user: '2', role: 'admin' }) },
  reset_password: { needs: 'admin', offered: () => '/users/2', fields: () => ({ user: '2', password: 'forged by hand' }) },
  disable_user: { needs: 'admin', offered: () => '/users/2', fields: () => ({ user: '1', confirmed: '1' }) },
  // Offered where somebody is disabled, has a second factor, is signed in twice: `people.spec.ts`, `profile.spec.ts`.
  end_sessions: { needs: 'admin', fields: () => ({ user: '1' }) },
  enable_user: { needs: 'admin', fields: () => ({ user: '2' }) },
  drop_second_factor: { needs: 'admin', fields: () => ({ user: '1', confirmed: '1' }) },
  end_session: { needs: 'viewer', fields: () => ({ session: '1' }) },
  end_other_sessions: { needs: 'viewer', fields: () => ({}) },
  change_password: {
    needs: 'viewer',
    offered: () => '/profile/password',
    fields: () => ({ old: 'forged by hand', new: 'forged by hand', again: 'forged by hand' }),
  },
  offer_second_factor: {
    needs: 'viewer',
    offered: () => '/profile/second-factor',
    fields: () => ({ password: 'forged by hand' }),
  },
  turn_on_second_factor: { needs: 'viewer', fields: () => ({ code: '000000' }) },
  turn_off_second_factor: { needs: 'viewer', fields: () => ({ password: 'forged by hand' }) },
  renew_recovery_codes: { needs: 'viewer', fields: () => ({ password: 'forged by hand' }) },
  // Asked for where the configuration wants it: `step-up.spec.ts`.
  step_up: { needs: 'viewer', fields: () => ({ typed: 'forged by hand' }) },

  simulated_pay: {
    needs: 'operator',
    offered: () => '/simulator',
    fields: ({ address }) => ({ coin: 'ltc', address, amount: '1' }),
  },
  simulated_mine: { needs: 'operator', offered: () => '/simulator', fields: () => ({ coin: 'ltc', blocks: '1' }) },
  simulated_fail: {
    needs: 'operator',
    offered: () => '/simulator',
    fields: () => ({ coin: 'ltc', call: 'new_address', how: 'refused', times: '1' }),
  },
  simulated_spend: {
    needs: 'operator',
    offered: () => '/simulator',
    fields: () => ({ coin: 'ltc', address: outside, amount: '0.1' }),
  },
  simulated_reorganise: {
    needs: 'operator',
    offered: () => '/simulator',
    fields: () => ({ coin: 'ltc', depth: '1', txid: '' }),
  },
  simulated_restart: { needs: 'operator', offered: () => '/simulator', fields: () => ({ coin: 'ltc' }) },
};
