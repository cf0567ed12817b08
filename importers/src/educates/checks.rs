//! Scripts of `workshop/examiner/tests`.

use domain::kernel::Seconds;
use domain::workshops::content::Check;

use crate::action::TestCall;
use crate::bundle::{Bundle, is_plain};
use crate::diagnostic::Findings;
use crate::page::Names;

const FOLDER: &str = "workshop/examiner/tests/";
const LONGEST: Seconds = Seconds(300);

/// The check of one `examiner:execute-test`. A page may call a script several times; each call is a check with a name of
/// its own.
pub(super) fn check(bundle: &Bundle, file: &str, call: TestCall, names: &mut Names, findings: &mut Findings) -> Check {
    let script = script(bundle, file, &call, findings);
    if call.has_inputs {
        findings.warning(file, call.line, format!("check `{}` asks for inputs, which its script will not get", call.name));
    }
    if call.timeout > LONGEST {
        findings.warning(file, call.line, format!("check `{}`: its timeout is cut to {LONGEST} seconds", call.name));
    }
    Check {
        title: call.title.unwrap_or_else(|| call.name.clone()),
        name: names.claim(&call.name),
        script,
        arguments: call.arguments,
        timeout: call.timeout.min(LONGEST),
        solution: None,
    }
}

fn script(bundle: &Bundle, file: &str, call: &TestCall, findings: &mut Findings) -> Option<String> {
    let path = format!("{FOLDER}{}", call.name);
    let problem = if call.is_remote {
        "is decided by a web service".to_owned()
    } else if !is_plain(&call.name) {
        "names a script outside of workshop/examiner/tests".to_owned()
    } else if !bundle.has(&path) {
        format!("has no script {path}")
    } else {
        match bundle.script(&path, findings) {
            Some(script) if is_shell(&script) => return Some(script),
            Some(_) => format!("is no shell script ({path})"),
            None => return None,
        }
    };
    findings.warning(file, call.line, format!("check `{}` {problem}; it cannot be run", call.name));
    None
}

/// Checks are run by bash, so a script for another interpreter would be misread.
fn is_shell(script: &str) -> bool {
    let Some(interpreter) = script.lines().next().and_then(|line| line.strip_prefix("#!")) else { return true };
    interpreter.split([' ', '/']).any(|word| matches!(word, "bash" | "sh" | "dash"))
}
