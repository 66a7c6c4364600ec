//! Charts: drawn by the server as SVG, with axis, units and a title on every mark, and legible without any colour. The
//! table of the same figures stands under each.

mod bars;
mod legend;
mod patterns;
mod scale;
mod spark;

pub use bars::{Band, Bar, BarChart, Level, Mark};
pub use patterns::SERIES_MAX;
pub use spark::Spark;
