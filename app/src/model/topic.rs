//! What a live page may follow. The browser is told topics only; it asks for the page again to see what changed.

states! {
    Topic {
        /// Money, addresses, broadcasts: everything in the books.
        Books = "books",
        /// Coins and their backends: heights, hot wallets, comparisons.
        Coins = "coins",
        Jobs = "jobs",
        /// Numbered events, and how their deliveries stand.
        Events = "events",
    }
}
