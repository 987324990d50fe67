//! The conformance suite: what every backend promises, asked of the simulated network on both databases and of a
//! real litecoind. A new backend implements `Harness` and gets a module at the end.

mod cases;
mod harness;
mod null;
mod one_shot;
mod sending;
mod simulated;

/// One test for each case, so that a failure names the promise that was broken.
macro_rules! conformance {
    ($name:ident, $harness:path) => {
        conformance!($name, $harness:
            addresses_are_canonical_new_and_owned
            foreign_address_is_not_owned
            mining_raises_the_height
            payment_is_seen_unconfirmed_and_then_confirmed
            since_brings_each_change_once_and_its_cursor_goes_on
            unknown_transaction_is_none
            unconfirmed_money_is_not_spent
            locked_outputs_are_not_offered
            signing_spends_and_pays_exactly_what_was_asked
            signing_for_others_is_refused
            sending_the_same_bytes_again_pays_once
            unknown_cursor_brings_everything
            own_send_is_told_with_its_fee_and_without_change
            payment_to_ourselves_is_received_and_spends_ours
            totals_add_up
            double_spend_of_our_own_input_never_pays_twice
            deposit_falls_out_with_its_block_and_comes_back
            double_spent_deposit_is_told_with_what_it_paid
            transaction_tells_when_where_how_much_and_of_what
            one_shot_pays_everybody_once_and_is_told_with_its_comment
            one_shot_that_cannot_be_is_refused
            what_was_sent_is_listed_newest_first_since_a_block
            bytes_are_tested_without_being_sent
            higher_fee_replaces_and_only_one_confirms
            uptime_is_told
        );
    };
    ($name:ident, $harness:path: $($case:ident)*) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $case() {
                    super::cases::$case(&$harness().await).await;
                }
            )*
        }
    };
}

conformance!(simulated_on_sqlite, super::harness::simulated_on_sqlite);
conformance!(simulated_on_postgres, super::harness::simulated_on_postgres);
conformance!(bitcoind, super::harness::litecoind);
