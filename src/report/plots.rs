//! The report's plots, as SVG.
//!
//! Text and axes are drawn in `currentColor`, so that they follow the page into the dark; the colours of the series have
//! enough contrast on both grounds.

use plotters::coord::Shift;
use plotters::prelude::*;

/// A plot's drawing area.
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Why it could not be drawn; writing into a string can't fail.
type Failed<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// Colours of the series.
pub(super) const COLORS: [RGBColor; 6] = [
    RGBColor(47, 125, 87),
    RGBColor(56, 111, 190),
    RGBColor(190, 110, 24),
    RGBColor(196, 62, 54),
    RGBColor(134, 84, 180),
    RGBColor(110, 118, 128),
];
/// Stands for the text's colour until the SVG is written.
const INK: RGBColor = RGBColor(1, 2, 3);
const WIDTH: u32 = 440;
const HEIGHT: u32 = 190;
const LEFT: i32 = 46;
const RIGHT: i32 = 8;
const TOP: i32 = 10;
const BOTTOM: i32 = 24;
/// Marks on the vertical axis.
const TICKS: u32 = 4;
/// Labels under the horizontal axis, at most.
const LABELS: usize = 6;

/// One of the things that a plot shows: its name and a value a run.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) values: Vec<f64>,
}

/// Bars, those of a run on top of each other.
pub(super) fn stacked(labels: &[String], series: &[Series], unit: &str) -> String {
    let sum = |run: usize| series.iter().map(|s| s.values.get(run).copied().unwrap_or(0.0)).sum::<f64>();
    let most = (0..labels.len()).map(sum).fold(0.0, f64::max);
    svg(HEIGHT, |area| {
        let frame = Frame::new(labels.len(), most);
        frame.axes(area, labels, unit)?;
        for run in 0..labels.len() {
            let mut from = 0.0;
            for (series, color) in series.iter().zip(COLORS) {
                let to = from + series.values.get(run).copied().unwrap_or(0.0);
                let (x, gap) = (frame.x(run), (frame.step() / 8).max(1));
                let bar = [(x + gap, frame.y(to)), (x + frame.step() - gap, frame.y(from))];
                area.draw(&Rectangle::new(bar, color.filled()))?;
                from = to;
            }
        }
        Ok(())
    })
}

/// Lines from run to run.
pub(super) fn lines(labels: &[String], series: &[Series], unit: &str) -> String {
    let most = series.iter().flat_map(|s| s.values.iter().copied()).fold(0.0, f64::max);
    svg(HEIGHT, |area| {
        let frame = Frame::new(labels.len(), most);
        frame.axes(area, labels, unit)?;
        for (series, color) in series.iter().zip(COLORS) {
            let points: Vec<_> = series.values.iter().enumerate().map(|(run, v)| (frame.x(run) + frame.step() / 2, frame.y(*v))).collect();
            for point in &points {
                area.draw(&Circle::new(*point, 3, color.filled()))?;
            }
            area.draw(&PathElement::new(points, color.stroke_width(2)))?;
        }
        Ok(())
    })
}

/// A cell for each field and run: the fuller, the more of the run's records hold the field. `None` is a run without records.
pub(super) fn cells(fields: &[&str], runs: &[Vec<Option<f64>>]) -> String {
    const ROW: i32 = 17;
    const NAMES: i32 = 84;
    let height = u32::try_from(fields.len()).unwrap_or(0) * ROW.unsigned_abs() + 4;
    svg(height, |area| {
        let step = ((WIDTH.cast_signed() - NAMES) / i32::try_from(runs.len().max(1)).unwrap_or(i32::MAX)).clamp(2, 40);
        for (row, field) in (0..).zip(fields) {
            let top = 2 + row * ROW;
            area.draw(&Text::new((*field).to_owned(), (0, top + 2), label()))?;
            for (column, run) in (0..).zip(runs) {
                let Some(share) = run.get(usize::try_from(row).unwrap_or(0)).copied().flatten() else { continue };
                let left = NAMES + column * step;
                let cell = [(left, top), (left + step - 1, top + ROW - 2)];
                area.draw(&Rectangle::new(cell, INK.mix(0.08).filled()))?;
                // As high as the share, so that it can be read without colours.
                let full = whole(share * f64::from(ROW - 2));
                let color = if share < 0.5 { COLORS[3] } else { COLORS[0] };
                let filled = [(left, top + ROW - 2 - full), (left + step - 1, top + ROW - 2)];
                area.draw(&Rectangle::new(filled, color.filled()))?;
            }
        }
        Ok(())
    })
}

/// Where things stand in a plot.
struct Frame {
    runs: usize,
    most: f64,
}

impl Frame {
    fn new(runs: usize, most: f64) -> Self {
        Self { runs: runs.max(1), most: round_up(most) }
    }

    fn step(&self) -> i32 {
        let width = WIDTH.cast_signed() - LEFT - RIGHT;
        (width / i32::try_from(self.runs).unwrap_or(i32::MAX)).max(1)
    }

    fn x(&self, run: usize) -> i32 {
        LEFT + i32::try_from(run).unwrap_or(0) * self.step()
    }

    fn y(&self, value: f64) -> i32 {
        let height = HEIGHT.cast_signed() - TOP - BOTTOM;
        TOP + height - whole(value / self.most * f64::from(height))
    }

    fn axes<'a>(&self, area: &Area<'a>, labels: &[String], unit: &str) -> Result<(), Failed<'a>> {
        for tick in 0..=TICKS {
            let value = self.most * f64::from(tick) / f64::from(TICKS);
            let y = self.y(value);
            let line = vec![(LEFT, y), (WIDTH.cast_signed() - RIGHT, y)];
            area.draw(&PathElement::new(line, INK.mix(if tick == 0 { 0.5 } else { 0.15 }).stroke_width(1)))?;
            let unit = if tick == TICKS { unit } else { "" };
            area.draw(&Text::new(format!("{}{unit}", short(value)), (2, y - 5), label()))?;
        }
        let every = self.runs.div_ceil(LABELS);
        for (run, text) in labels.iter().enumerate().step_by(every) {
            area.draw(&Text::new(text.clone(), (self.x(run), HEIGHT.cast_signed() - BOTTOM + 8), label()))?;
        }
        Ok(())
    }
}

fn label() -> TextStyle<'static> {
    ("sans-serif", 12).into_font().color(&INK.mix(0.75))
}

/// Draws into a string.
fn svg(height: u32, draw: impl FnOnce(&Area<'_>) -> Result<(), Failed<'static>>) -> String {
    let mut out = String::new();
    {
        let area = SVGBackend::with_string(&mut out, (WIDTH, height)).into_drawing_area();
        if draw(&area).is_err() || area.present().is_err() {
            return String::new();
        }
    }
    // The page gives the size; the drawing keeps its proportions.
    let size = format!("width=\"{WIDTH}\" height=\"{height}\" ");
    out.replace(&size, "aria-hidden=\"true\" focusable=\"false\" ").replace("#010203", "currentColor")
}

/// The next number above whose quarters are good to read, and whole where the number is four and more.
fn round_up(most: f64) -> f64 {
    let step = most / f64::from(TICKS);
    if step <= 0.0 {
        return f64::from(TICKS);
    }
    let power = 10f64.powf(step.log10().floor());
    let whole_steps = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let steps = [1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let steps = if (0.5..5.0).contains(&power) { &whole_steps[..] } else { &steps[..] };
    steps.iter().map(|n| n * power).find(|n| *n >= step).unwrap_or(step) * f64::from(TICKS)
}

/// A number in few characters.
fn short(value: f64) -> String {
    match value {
        v if v >= 1e9 => format!("{:.1}G", v / 1e9),
        v if v >= 1e6 => format!("{:.1}M", v / 1e6),
        v if v >= 1e4 => format!("{:.0}k", v / 1e3),
        v if v >= 10.0 || (v - v.round()).abs() < 1e-9 => format!("{v:.0}"),
        v if v >= 0.1 => format!("{v:.2}"),
        v => format!("{v:.4}").trim_end_matches('0').to_owned(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "places on a plot of some hundred units")]
fn whole(value: f64) -> i32 {
    value.round().clamp(-10_000.0, 10_000.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_above_the_values() {
        let ends: Vec<String> = [0.0, 0.3, 7.0, 41.0, 1001.0, 15_000.0].map(round_up).iter().map(|v| short(*v)).collect();
        assert_eq!(ends, ["4", "0.32", "8", "48", "1200", "16k"]);
    }

    #[test]
    fn what_is_drawn_follows_the_page() {
        let series = [Series { name: "new".to_owned(), values: vec![1.0, 4.0] }];
        let labels = ["05-01".to_owned(), "<i>".to_owned()];
        for svg in [stacked(&labels, &series, " s"), lines(&labels, &series, ""), cells(&["byline"], &[vec![Some(0.2)], vec![None]])] {
            assert!(svg.starts_with("<svg aria-hidden") && svg.contains("currentColor") && !svg.contains("<i>"), "{svg}");
        }
    }
}
