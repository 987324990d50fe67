//! What a daemon can do, learnt from its own list of commands: versions of derivates say nothing.
//! Daemons before 0.18 have accounts where later ones have labels; names of calls moved over the years.

use std::collections::HashSet;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    commands: HashSet<String>,
}

impl Features {
    /// From the answer of `help`: a command begins each line, headings are `== Wallet ==`.
    pub fn from_help(help: &str) -> Self {
        let first_words = help.lines().filter_map(|line| line.split_whitespace().next());
        Self { commands: first_words.filter(|word| *word != "==").map(Into::into).collect() }
    }

    pub fn has(&self, command: &str) -> bool {
        self.commands.contains(command)
    }

    /// False when the daemon was built or started without wallets.
    pub fn has_wallets(&self) -> bool {
        self.has("getnewaddress")
    }

    /// Labels came as accounts went. 0.17 has both and its accounts only by an option, so labels win.
    pub fn labels(&self) -> bool {
        self.has("setlabel") || self.has("getaddressesbylabel")
    }

    pub fn sign_command(&self) -> Option<&'static str> {
        ["signrawtransactionwithwallet", "signrawtransaction"].into_iter().find(|command| self.has(command))
    }

    pub fn can_prepare(&self) -> bool {
        ["listunspent", "createrawtransaction", "sendrawtransaction", "getrawchangeaddress"]
            .iter()
            .all(|command| self.has(command))
            && self.sign_command().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_help_of_new_and_old_daemons() {
        let new = Features::from_help(
            "== Blockchain ==\ngetbestblockhash\ngetblock \"blockhash\" ( verbosity )\n\n== Wallet ==\n\
             getnewaddress ( \"label\" \"address_type\" )\nsetlabel \"address\" \"label\"\nlistunspent ( minconf )\n\
             getrawchangeaddress\n\n== Rawtransactions ==\ncreaterawtransaction [] {}\nsendrawtransaction \"hex\"\n\
             signrawtransactionwithwallet \"hex\"",
        );
        assert!(new.has_wallets() && new.labels() && new.can_prepare() && !new.has("=="));
        assert_eq!(new.sign_command(), Some("signrawtransactionwithwallet"));

        let old = Features::from_help(
            "getaccountaddress <account>\ngetnewaddress [account]\nlistunspent [minconf=1]\nsendmany <fromaccount> {}\n\
             getrawchangeaddress\ncreaterawtransaction [] {}\nsendrawtransaction <hex string>\nsignrawtransaction <hex>",
        );
        assert!(old.has_wallets() && !old.labels() && old.can_prepare());
        assert_eq!(old.sign_command(), Some("signrawtransaction"));
        assert!(!Features::from_help("== Control ==\nhelp\nstop").has_wallets());
    }
}
