//! Somebody who types commands into a terminal and waits for the prompt, as people do.

use std::time::Duration;

use tokio::time::timeout;

use super::{ClientError, Terminal};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// `\#` is the number of the command that is typed next: so a prompt that is only drawn again is told from a new one.
const SET_UP: &str = r"bind 'set enable-bracketed-paste off'; PS1='[\#]$ ' PS2='[more]$ '";

/// A shell in a terminal.
pub struct Shell {
    terminal: Terminal,
    /// The number in the last prompt.
    prompt: u64,
}

impl Shell {
    /// Waits for the shell, and gives it a prompt with numbers.
    ///
    /// # Errors
    /// The shell has ended, or shows no prompt.
    pub async fn begin(mut terminal: Terminal) -> Result<Self, ClientError> {
        terminal.resize(160, 48).await?;
        let mut this = Self { terminal, prompt: 0 };
        this.line(SET_UP).await?;
        Ok(this)
    }

    /// Types the lines of `commands` one after the other, each when there is a prompt. What the terminal has shown
    /// meanwhile: each line after `$ `, and what came of it.
    ///
    /// # Errors
    /// The shell has ended, or a command does not.
    pub async fn run(&mut self, commands: &str) -> Result<String, ClientError> {
        let mut shown = String::new();
        for line in commands.lines() {
            shown.push_str("$ ");
            shown.push_str(&self.line(line).await?);
        }
        Ok(shown)
    }

    /// The terminal, for what is no command.
    pub const fn terminal(&mut self) -> &mut Terminal {
        &mut self.terminal
    }

    async fn line(&mut self, line: &str) -> Result<String, ClientError> {
        self.terminal.send(format!("{line}\r").as_bytes()).await?;
        let waiting = async {
            let mut shown = Vec::new();
            loop {
                shown.extend(self.terminal.receive().await?);
                let text = String::from_utf8_lossy(&shown);
                match prompted(&text) {
                    Some((before, Prompt::More)) => return Ok(before.to_owned()),
                    Some((before, Prompt::Next(number))) if number > self.prompt => {
                        self.prompt = number;
                        return Ok(before.to_owned());
                    }
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, waiting).await.unwrap_or_else(|_| Err(ClientError::Silent(format!("the end of `{line}`"))))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Prompt {
    Next(u64),
    More,
}

/// The prompt at the end of what is shown, and what is before it.
fn prompted(text: &str) -> Option<(&str, Prompt)> {
    let (before, prompt) = text.strip_suffix("]$ ")?.rsplit_once('[')?;
    let prompt = if prompt == "more" { Prompt::More } else { Prompt::Next(prompt.parse().ok()?) };
    Some((before, prompt))
}

#[cfg(test)]
mod tests;
