//! schemathesis over the whole document, for each scope: requests made up from the schemas, right and wrong ones, and every
//! answer held against the document. Seeded, and bounded in time.

use super::{EVERY, Shop};
use anyhow::{Context, ensure};
use std::path::PathBuf;
use std::time::Duration;
use tests::app::Store;
use tests::program::Program;
use tokio::process::Command;

/// Fixed, so that a failure is the change's and not the day's.
const SEED: &str = "20261125";
/// Made-up requests for each call: enough to meet each field with a wrong value, in seconds.
const EXAMPLES: &str = "3";
/// A minute on an idle machine; others run beside it.
const LIMIT: Duration = Duration::from_mins(4);

/// Installed by `.ci/setup-tests`.
#[allow(clippy::disallowed_methods, reason = "how the test run names its tools")]
fn tool() -> anyhow::Result<PathBuf> {
    let tools = match std::env::var("COFFER_TOOLS") {
        Ok(tools) => PathBuf::from(tools),
        Err(_) => PathBuf::from(std::env::var("HOME")?).join(".cache/coffer/tools"),
    };
    let tool = tools.join("schemathesis/bin/schemathesis");
    ensure!(tool.exists(), "no schemathesis: run .ci/setup-tests");
    Ok(tool)
}

async fn run(shop: &Shop, scope: &str, program: &Program) -> anyhow::Result<()> {
    let folder = shop.app.folder.join(format!("schemathesis-{scope}"));
    std::fs::create_dir_all(&folder)?;
    // A header of the command line would stand in the list of processes.
    std::fs::write(folder.join("schemathesis.toml"), config(&program.token))?;
    let url = format!("http://127.0.0.1:{}/api/openapi.json", shop.app.port);
    let child = Command::new(tool()?)
        .args([
            "run",
            &url,
            "--seed",
            SEED,
            "--max-examples",
            EXAMPLES,
            "--phases",
            "examples,coverage,fuzzing",
        ])
        // One worker: Python before 3.12 fails at times where two threads parse at once ("AST constructor recursion").
        .args(["--request-timeout", "30", "--no-color", "--workers", "1", "--warnings", "off"])
        .current_dir(&folder)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(LIMIT, child).await.context("schemathesis takes too long")??;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{scope}: {said}{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The feed needn't wait for events. What fits the schema may still be refused by a rule that no schema says: an address's
/// checksum, an amount's zero.
fn config(token: &str) -> String {
    format!(
        "headers = {{ Authorization = \"Bearer {token}\" }}\n\
         parameters = {{ wait = 0 }}\n\
         [checks]\n\
         positive_data_acceptance.expected-statuses = [\"2xx\", 400, 401, 403, 404, 409, 422, 503]\n"
    )
}

async fn finds_nothing(store: Store, scope: &str) -> anyhow::Result<()> {
    let shop = Shop::open(store, &EVERY).await?;
    let program = shop.app.program(scope, &[scope]).await?;
    run(&shop, scope, &program).await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_read_on_sqlite() -> anyhow::Result<()> {
    finds_nothing(Store::Sqlite, "read").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_read_on_postgres() -> anyhow::Result<()> {
    finds_nothing(Store::Postgres, "read").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_receive_on_sqlite() -> anyhow::Result<()> {
    finds_nothing(Store::Sqlite, "receive").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_receive_on_postgres() -> anyhow::Result<()> {
    finds_nothing(Store::Postgres, "receive").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_send_on_sqlite() -> anyhow::Result<()> {
    finds_nothing(Store::Sqlite, "send").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_send_on_postgres() -> anyhow::Result<()> {
    finds_nothing(Store::Postgres, "send").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_vet_on_sqlite() -> anyhow::Result<()> {
    finds_nothing(Store::Sqlite, "vet").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_vet_on_postgres() -> anyhow::Result<()> {
    finds_nothing(Store::Postgres, "vet").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_admin_on_sqlite() -> anyhow::Result<()> {
    finds_nothing(Store::Sqlite, "admin").await
}

#[tokio::test]
async fn schemathesis_finds_nothing_with_the_scope_admin_on_postgres() -> anyhow::Result<()> {
    finds_nothing(Store::Postgres, "admin").await
}
