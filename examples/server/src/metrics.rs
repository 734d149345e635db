//! What `GET /metrics` tells, in the text format of Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;

/// Upper bounds of the histogram's buckets, in microseconds.
const BUCKETS: [u64; 9] = [500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000, 10_000_000];

/// Counters of the whole server.
#[derive(Debug)]
pub(crate) struct Metrics {
    surfaces: Vec<Counted>,
    running: AtomicI64,
}

/// Counters of one surface.
#[derive(Debug)]
struct Counted {
    name: &'static str,
    /// Responses by the first digit of their status, 2 to 5.
    by_class: [AtomicU64; 4],
    /// Requests whose client went away before the response.
    gone: AtomicU64,
    by_bucket: [AtomicU64; BUCKETS.len()],
    micros: AtomicU64,
}

impl Metrics {
    /// For surfaces of these names.
    pub(crate) fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        let counted = |name| Counted {
            name,
            by_class: Default::default(),
            gone: AtomicU64::new(0),
            by_bucket: Default::default(),
            micros: AtomicU64::new(0),
        };
        Self { surfaces: names.into_iter().map(counted).collect(), running: AtomicI64::new(0) }
    }

    /// A request begins.
    pub(crate) fn begin(&self, surface: &str) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        let counted = self.surfaces.iter().find(|counted| counted.name == surface);
        Running { metrics: self, counted, since: Instant::now(), ended: false }
    }

    /// Everything that was counted, and the gauges given.
    pub(crate) fn text(&self, gauges: &[(&str, u64)]) -> String {
        let mut text = String::new();
        let head = |text: &mut String, name: &str, kind: &str| {
            let _ = writeln!(text, "# TYPE tallygrid_{name} {kind}");
        };
        head(&mut text, "requests_total", "counter");
        for surface in &self.surfaces {
            for (class, count) in surface.by_class.iter().enumerate() {
                let (name, count) = (surface.name, count.load(Ordering::Relaxed));
                let class = class + 2;
                let _ = writeln!(text, "tallygrid_requests_total{{surface=\"{name}\",status=\"{class}xx\"}} {count}");
            }
            let (name, gone) = (surface.name, surface.gone.load(Ordering::Relaxed));
            let _ = writeln!(text, "tallygrid_requests_total{{surface=\"{name}\",status=\"gone\"}} {gone}");
        }
        head(&mut text, "request_seconds", "histogram");
        for surface in &self.surfaces {
            let name = surface.name;
            let mut sum = 0;
            for (bound, count) in BUCKETS.iter().zip(&surface.by_bucket) {
                sum += count.load(Ordering::Relaxed);
                let bound = Duration::from_micros(*bound).as_secs_f64();
                let _ = writeln!(text, "tallygrid_request_seconds_bucket{{surface=\"{name}\",le=\"{bound}\"}} {sum}");
            }
            let all: u64 = surface.by_class.iter().map(|count| count.load(Ordering::Relaxed)).sum();
            let seconds = Duration::from_micros(surface.micros.load(Ordering::Relaxed)).as_secs_f64();
            let _ = writeln!(text, "tallygrid_request_seconds_bucket{{surface=\"{name}\",le=\"+Inf\"}} {all}");
            let _ = writeln!(text, "tallygrid_request_seconds_sum{{surface=\"{name}\"}} {seconds}");
            let _ = writeln!(text, "tallygrid_request_seconds_count{{surface=\"{name}\"}} {all}");
        }
        head(&mut text, "requests_running", "gauge");
        let _ = writeln!(text, "tallygrid_requests_running {}", self.running.load(Ordering::Relaxed));
        for (name, value) in gauges {
            head(&mut text, name, "gauge");
            let _ = writeln!(text, "tallygrid_{name} {value}");
        }
        text
    }
}

/// A request that runs; dropped without an end, its client has gone.
#[derive(Debug)]
pub(crate) struct Running<'a> {
    metrics: &'a Metrics,
    counted: Option<&'a Counted>,
    since: Instant,
    ended: bool,
}

impl Running<'_> {
    /// It was answered.
    pub(crate) fn end(mut self, status: StatusCode) {
        self.ended = true;
        let Some(counted) = self.counted else { return };
        let class = usize::from(status.as_u16() / 100).saturating_sub(2);
        if let Some(count) = counted.by_class.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        counted.micros.fetch_add(micros, Ordering::Relaxed);
        if let Some(bucket) = BUCKETS.iter().position(|bound| micros <= *bound) {
            counted.by_bucket[bucket].fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.metrics.running.fetch_sub(1, Ordering::Relaxed);
        if let (false, Some(counted)) = (self.ended, self.counted) {
            counted.gone.fetch_add(1, Ordering::Relaxed);
        }
    }
}
