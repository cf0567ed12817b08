//! A bar for each target: how far the ratio goes, on a logarithmic scale, and where the target stands.

use std::fmt::Write;

use super::{Line, Report, number};

const LEFT: f64 = 610.0;
const WIDTH: f64 = 380.0;
const STEP: f64 = 26.0;
const TOP: f64 = 46.0;

/// Readable on a light and on a dark ground.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#24292f}.axis{stroke:#8c959f;stroke-width:1}.ok{fill:#2da44e}\
                     .missed{fill:#cf222e}.target{stroke:#24292f;stroke-width:2}.small{font-size:11px}\
                     @media(prefers-color-scheme:dark){text{fill:#e6edf3}.target{stroke:#e6edf3}.ok{fill:#3fb950}.missed{fill:#f85149}}";

pub(crate) fn plot(report: &Report) -> String {
    let lines: Vec<(&Line, f64)> = report.lines.iter().filter_map(|line| Some((line, line.target?))).collect();
    let greatest = lines.iter().flat_map(|(line, target)| [line.ratio, *target]).fold(2.0, f64::max);
    let least = lines.iter().flat_map(|(line, target)| [line.ratio, *target]).fold(0.5, f64::min);
    let across = |ratio: f64| LEFT + WIDTH * (ratio / least).ln() / (greatest / least).ln();
    #[expect(clippy::cast_precision_loss, reason = "a few lines")]
    let row = |number: usize| TOP + STEP * number as f64;
    let height = row(lines.len()) + 12.0;
    let total = LEFT + WIDTH + 90.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {total} {height:.0}\" role=\"img\" \
         aria-label=\"Ratio of each work to its peer, and the target\">\n<style>{STYLE}</style>\n\
         <text x=\"10\" y=\"20\">Times the peer, on a logarithmic scale; the upright line is the target</text>\n"
    );
    let one = across(1.0);
    let _ = writeln!(svg, "<line class=\"axis\" x1=\"{one:.1}\" x2=\"{one:.1}\" y1=\"{:.0}\" y2=\"{:.0}\"/>", TOP - 8.0, height - 8.0);
    let _ = writeln!(svg, "<text class=\"small\" x=\"{one:.1}\" y=\"{:.0}\" text-anchor=\"middle\">1×</text>", TOP - 12.0);
    for (at, (line, target)) in lines.iter().enumerate() {
        let (y, end, goal) = (row(at), across(line.ratio), across(*target));
        let class = if line.verdict() == "ok" { "ok" } else { "missed" };
        let clients = if line.clients == 1 { "1 client".to_owned() } else { format!("{} clients", line.clients) };
        let name = format!("{}, {clients}", line.work).replace('&', "&amp;").replace('<', "&lt;");
        let (from, to) = (one.min(end), one.max(end));
        let _ = write!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>\n\
             <rect class=\"{class}\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"14\"/>\n\
             <line class=\"target\" x1=\"{goal:.1}\" x2=\"{goal:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>\n\
             <text class=\"small\" x=\"{:.1}\" y=\"{:.1}\">{}×</text>\n",
            LEFT - 12.0,
            y + 12.0,
            y + 1.0,
            (to - from).max(1.0),
            y - 2.0,
            y + 18.0,
            to.max(goal) + 6.0,
            y + 12.0,
            number(line.ratio),
        );
    }
    svg.push_str("</svg>\n");
    svg
}
