//! Events as runs of a shell command, with the event in its environment. It must end with 0, and in time: after that its whole
//! process group is killed.

use super::{ANSWER_MAX, Answer, Event, Handler};
use app::model::AttemptOutcome;
use async_trait::async_trait;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// Of each stream this much is kept; the rest is read and thrown away, so that the command never waits for us.
const OUTPUT_BYTES_MAX: usize = 16 * 1024;
/// For the output of what the command left running, after it has ended itself.
const AFTER_END: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub struct ScriptSettings {
    /// For `/bin/sh -c`.
    pub script: String,
    pub log_output: bool,
    pub timeout: Duration,
}

pub struct Script(ScriptSettings);

impl Script {
    pub fn new(settings: ScriptSettings) -> Self {
        Self(settings)
    }

    fn start(&self, event: &Event) -> std::io::Result<Child> {
        Command::new("/bin/sh")
            .arg("-c")
            .arg(&self.0.script)
            .env("CRYPTOASSETS_EVENT_NAME", &event.name)
            .env("CRYPTOASSETS_EVENT_DATA", &event.data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own, so that what it started goes with it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }

    fn log(&self, event: &Event, ended: &str, stdout: &str, stderr: &str) {
        if self.0.log_output {
            tracing::info!(sequence = event.sequence, ended, stdout, stderr, "an event's script has run");
        }
    }
}

#[async_trait]
impl Handler for Script {
    async fn hand_over(&self, event: &Event) -> Answer {
        let mut child = match self.start(event) {
            Ok(child) => child,
            Err(error) => {
                return Answer::new(AttemptOutcome::Unreachable, format!("it can't be started: {error}"), "");
            }
        };
        let group = child.id();
        let stdout = read(child.stdout.take());
        let stderr = read(child.stderr.take());
        let (outcome, detail) = match tokio::time::timeout(self.0.timeout, child.wait()).await {
            Ok(Ok(status)) if status.success() => (AttemptOutcome::Received, "exit code 0".to_owned()),
            Ok(Ok(status)) => (
                AttemptOutcome::Refused,
                status
                    .code()
                    .map_or_else(|| "ended by a signal".to_owned(), |code| format!("exit code {code}")),
            ),
            Ok(Err(error)) => (AttemptOutcome::Refused, error.to_string()),
            Err(_) => {
                kill_group(group).await;
                // Killed, so that this takes no time.
                let _ = child.wait().await;
                let limit = self.0.timeout.as_secs();
                (AttemptOutcome::TimedOut, format!("killed: it ran longer than {limit} s"))
            }
        };
        let (stdout, stderr) = (finish(stdout).await, finish(stderr).await);
        self.log(event, &detail, &stdout, &stderr);
        let text = if stderr.is_empty() { stdout } else { format!("{stdout}{stderr}") };
        Answer::new(outcome, detail, &text.chars().take(ANSWER_MAX).collect::<String>())
    }
}

type Reading = tokio::task::JoinHandle<String>;

fn read(stream: Option<impl AsyncRead + Unpin + Send + 'static>) -> Reading {
    tokio::spawn(async move {
        let Some(mut stream) = stream else { return String::new() };
        let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let room = OUTPUT_BYTES_MAX.saturating_sub(kept.len());
            kept.extend_from_slice(&buffer[..count.min(room)]);
        }
        String::from_utf8_lossy(&kept).into_owned()
    })
}

/// What the command left running keeps the stream open; it isn't waited for.
async fn finish(reading: Reading) -> String {
    let stop = reading.abort_handle();
    if let Ok(text) = tokio::time::timeout(AFTER_END, reading).await {
        return text.unwrap_or_default();
    }
    stop.abort();
    String::new()
}

/// By the shell: the standard library signals no groups, and the shell is there.
async fn kill_group(group: Option<u32>) {
    let Some(group) = group else { return };
    let killed = Command::new("/bin/sh").args(["-c", &format!("kill -9 -{group}")]).status().await;
    if let Err(error) = killed {
        tracing::warn!(group, %error, "an event's script could not be killed");
    }
}
