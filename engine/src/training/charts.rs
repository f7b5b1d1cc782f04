//! Charts of a report as SVG, and texts in them.

use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
/// Room for labels on the left.
const LABELS: f64 = 340.0;
const ROW: f64 = 20.0;
const HEIGHT: f64 = 260.0;
const FOR: &str = "#2da44e";
const AGAINST: &str = "#cf222e";
const COLOURS: [&str; 2] = ["#0969da", "#bf8700"];

/// One bar per row, to the right of the middle or to its left.
pub(super) fn bars(rows: &[(String, f64)]) -> String {
    let most = rows.iter().map(|(_, value)| value.abs()).fold(1.0, f64::max);
    let (room, height) = ((WIDTH - LABELS) / 2.0 - 50.0, ROW * count(rows.len()) + 10.0);
    let middle = LABELS + room + 50.0;
    let mut svg = begun(height, "bits per level");
    for (at, (label, value)) in rows.iter().enumerate() {
        let (top, length) = (ROW * count(at) + 4.0, value.abs() / most * room);
        let (left, colour) = if *value < 0.0 { (middle - length, AGAINST) } else { (middle, FOR) };
        let (number, anchor) =
            if *value < 0.0 { (middle - length - 5.0, "end") } else { (middle + length + 5.0, "start") };
        let _ = write!(
            svg,
            "<text x=\"{0:.1}\" y=\"{1:.1}\" text-anchor=\"end\">{2}</text><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{length:.1}\" height=\"14\" fill=\"{colour}\"/><text x=\"{number:.1}\" y=\"{1:.1}\" text-anchor=\"{anchor}\">{value:+.2}</text>",
            LABELS - 8.0,
            top + 11.5,
            escaped(label)
        );
    }
    ended(svg)
}

/// A histogram from 0 to 1; heights are logarithms.
pub(super) fn columns(counts: &[u64]) -> String {
    let height = |n: u64| (1.0 + n as f64).log10();
    let most = counts.iter().copied().map(height).fold(1.0, f64::max);
    let step = (WIDTH - 20.0) / count(counts.len().max(1));
    let mut svg = begun(HEIGHT, "pairs by probability");
    for (at, n) in counts.iter().enumerate() {
        let (left, tall) = (10.0 + step * count(at), height(*n) / most * (HEIGHT - 50.0));
        let top = HEIGHT - 25.0 - tall;
        let _ = write!(
            svg,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{tall:.1}\" fill=\"{}\"><title>{n}</title></rect><text x=\"{left:.1}\" y=\"{:.1}\">{:.2}</text>",
            step - 3.0,
            COLOURS[0],
            HEIGHT - 8.0,
            count(at) / count(counts.len())
        );
    }
    ended(svg)
}

/// Two lines over thresholds, all from 0 to 1.
pub(super) fn curves(points: &[[f64; 3]], names: [&str; 2]) -> String {
    let place = |x: f64, y: f64| (40.0 + x * (WIDTH - 160.0), 15.0 + (1.0 - y) * (HEIGHT - 50.0));
    let mut svg = begun(HEIGHT, "precision and recall by threshold");
    for mark in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let ((left, y), (right, _)) = (place(0.0, mark), place(1.0, mark));
        let (x, bottom) = place(mark, 0.0);
        let _ = write!(
            svg,
            "<line x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\" stroke=\"#8c959f\" stroke-width=\"0.5\"/><text x=\"4\" y=\"{:.1}\">{mark:.2}</text><text x=\"{x:.1}\" y=\"{:.1}\">{mark:.2}</text>",
            y + 4.0,
            bottom + 18.0
        );
    }
    for (line, (name, colour)) in names.into_iter().zip(COLOURS).enumerate() {
        let path: Vec<String> = points
            .iter()
            .map(|point| {
                let (x, y) = place(point[0], point[line + 1]);
                format!("{x:.1},{y:.1}")
            })
            .collect();
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{:.1}\" y=\"{:.1}\" style=\"fill:{colour}\">{name}</text>",
            path.join(" "),
            WIDTH - 105.0,
            30.0 + 18.0 * count(line)
        );
    }
    ended(svg)
}

fn begun(height: f64, title: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" font-size=\"12\" fill=\"currentColor\" xmlns=\"http://www.w3.org/2000/svg\"><title>{title}</title>"
    )
}

fn ended(mut svg: String) -> String {
    svg.push_str("</svg>\n");
    svg
}

#[allow(clippy::cast_precision_loss, reason = "rows of a chart are few")]
fn count(n: usize) -> f64 {
    n as f64
}

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn labels_cannot_become_markup() {
        assert_eq!(escaped("<b>\"A & B\"</b>"), "&lt;b&gt;&quot;A &amp; B&quot;&lt;/b&gt;");
    }
}
