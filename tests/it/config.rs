//! The configuration file as the binary reads it: every fault at once, exit code 78, and nothing touched.

use anyhow::ensure;
use tests::app::{Store, TestApp};

const FAULTY: &str = "  btc: { backend: { class: bitcoin, url: 'http://ada:hunter2@127.0.0.1:1/' } }\n  \
    ltc: { confirmation_cuont: 3, backend: { class: simulated } }";

fn files(app: &TestApp) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&app.folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

#[tokio::test]
async fn wrong_configuration_exits_78_and_touches_nothing() -> anyhow::Result<()> {
    let app = TestApp::prepare(Store::Sqlite, FAULTY).await?;
    for command in ["serve", "helper", "web", "initialize-database", "scan-received", "audit", "check-config"]
    {
        let ran = app.run(&[command], "").await?;
        ensure!(ran.code == Some(78), "{command}: {ran:?}");
        ensure!(ran.stdout.is_empty(), "{command}: {ran:?}");
        ensure!(ran.stderr.contains("2 faults"), "{command}: {ran:?}");
        ensure!(
            ran.stderr.contains("line 5: coins.btc.backend.class: ")
                && ran.stderr.contains("did you mean \"bitcoind\"?")
        );
        ensure!(ran.stderr.contains(
            "line 6: coins.ltc.confirmation_cuont: there is no such key; did you mean \"confirmation_count\"?"
        ));
        ensure!(!ran.stderr.contains("hunter2"), "{command} shows a password: {ran:?}");
    }
    ensure!(files(&app)? == ["coffer.yaml"], "{:?}", files(&app)?);
    Ok(())
}

#[tokio::test]
async fn right_configuration_is_ok_and_a_missing_one_is_named() -> anyhow::Result<()> {
    let app = TestApp::prepare(Store::Sqlite, "  btc: { backend: { class: simulated } }").await?;
    ensure!(app.must(&["check-config"], "").await? == "ok\n");
    std::fs::remove_file(app.folder.join("coffer.yaml"))?;
    let ran = app.run(&["check-config"], "").await?;
    ensure!(ran.code == Some(78) && ran.stderr.contains("--config FILE"), "{ran:?}");
    Ok(())
}

#[tokio::test]
async fn a_coin_whose_network_changed_is_refused() -> anyhow::Result<()> {
    let app =
        TestApp::prepare(Store::Sqlite, "  btc: { network: regtest, backend: { class: simulated } }").await?;
    app.must(&["initialize-database"], "").await?;
    let file = app.folder.join("coffer.yaml");
    std::fs::write(&file, std::fs::read_to_string(&file)?.replace("regtest", "test"))?;
    let ran = app.run(&["audit"], "").await?;
    ensure!(ran.code == Some(78) && ran.stderr.contains("regtest"), "{ran:?}");
    Ok(())
}
