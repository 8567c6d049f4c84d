//! `/metrics`: what an operator's Prometheus reads, in its text format.
//!
//! On the server's own listeners it is behind the door, for the owner alone. On a listener of its
//! own, which only this machine reaches, nobody is asked for credentials: there is nothing in it
//! but numbers and the names of apps. A page that a browser was led to is refused there as well.

use std::fmt::{Display, Write as _};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderName, StatusCode};

use super::Door;
use super::auth::Credential;
use super::error::ApiError;
use super::interact::allow;
use super::peer::Local;
use super::router::Core;
use super::{headers, own};
use crate::model::access::Action;
use crate::model::meter::{BOUNDS, Counter, Histogram};
use crate::session::readings::Readings;

/// The version of the text format.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The names of the roles, in the order of [`Readings::viewers`].
const ROLES: [&str; 3] = ["watch", "write", "owner"];

/// Requests that the door or a route refused, by what that tells an operator.
#[derive(Debug, Default)]
pub struct Refused {
    logins: Counter,
    unauthorized: Counter,
    forbidden: Counter,
    wrong_host: Counter,
    over_limit: Counter,
}

impl Refused {
    /// Counts an answer; `login` says that it is one to somebody who logs in.
    pub fn note(&self, status: StatusCode, login: bool) {
        match status {
            StatusCode::UNAUTHORIZED => self.unauthorized.one(),
            StatusCode::FORBIDDEN => self.forbidden.one(),
            StatusCode::MISDIRECTED_REQUEST => self.wrong_host.one(),
            StatusCode::TOO_MANY_REQUESTS => self.over_limit.one(),
            _ => return,
        }
        if login {
            self.logins.one();
        }
    }
}

/// The route on the server's own listeners, to be given its state.
pub fn routes() -> Router<Arc<Core>> {
    Router::new().route("/metrics", get(guarded))
}

/// Everything that a listener of its own serves.
pub fn alone(door: &Arc<Door>, core: Arc<Core>) -> Router {
    Router::new()
        .route("/metrics", get(open))
        .with_state(core)
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed() })
        .fallback(|| async { ApiError::not_found("there is nothing here") })
        .layer(Extension(Arc::clone(door)))
        .layer(middleware::from_fn_with_state(Arc::clone(door), no_page))
}

/// A browser that was led here by some site's page is refused, whatever name it was led by.
async fn no_page(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let local = request.extensions().get::<Local>().copied();
    let known = local.ok_or_else(ApiError::internal).and_then(|local| {
        door.hosts
            .check(request.headers(), request.uri(), local)
            .map(drop)
    });
    let site = HeaderName::from_static("sec-fetch-site");
    let mut response = match known {
        Err(error) => error.into_response(),
        Ok(())
            if [ORIGIN, site]
                .iter()
                .any(|it| request.headers().contains_key(it)) =>
        {
            ApiError::foreign_origin().into_response()
        }
        Ok(()) => next.run(request).await,
    };
    headers::apply(response.headers_mut(), true);
    response
}

async fn guarded(
    State(core): State<Arc<Core>>,
    Extension(door): Extension<Arc<Door>>,
    Extension(credential): Extension<Credential>,
) -> Result<Response, ApiError> {
    allow(&credential, Action::Create)?;
    Ok(answer(&core, &door))
}

async fn open(State(core): State<Arc<Core>>, Extension(door): Extension<Arc<Door>>) -> Response {
    answer(&core, &door)
}

fn answer(core: &Core, door: &Door) -> Response {
    let mut page = Page::default();
    page.sessions(core);
    page.processes(core);
    page.refused(&door.refused);
    page.own();
    ([(CONTENT_TYPE, FORMAT)], page.0).into_response()
}

/// The text, metric by metric.
#[derive(Default)]
struct Page(String);

impl Page {
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        // A string takes all that is written to it.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// One line; `labels` as they are written, with their braces, or nothing.
    fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn counter(&mut self, name: &str, help: &str, counter: &Counter) {
        self.begin(name, "counter", help);
        self.line(name, "", counter.get());
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.begin(name, "gauge", help);
        self.line(name, "", value);
    }

    /// A gauge of every app. The names of apps need no escape: they are letters, digits, `-_.`.
    fn by_app(&mut self, name: &str, help: &str, lines: impl Iterator<Item = (String, u64)>) {
        self.begin(name, "gauge", help);
        for (labels, value) in lines {
            self.line(name, &labels, value);
        }
    }

    fn sessions(&mut self, core: &Core) {
        let apps = Readings::by_app(&core.catalog.list());
        let each = |value: fn(&Readings) -> u64| {
            apps.iter()
                .map(move |(app, it)| (format!("{{app=\"{app}\"}}"), value(it)))
        };
        let states = apps.iter().flat_map(|(app, it)| {
            [("running", it.running), ("ended", it.ended)]
                .map(|(state, count)| (format!("{{app=\"{app}\",state=\"{state}\"}}"), count))
        });
        self.by_app("awp_sessions", "Sessions that are held.", states);
        let viewers = apps.iter().flat_map(|(app, it)| {
            let count = ROLES.into_iter().zip(it.viewers);
            count.map(move |(role, count)| (format!("{{app=\"{app}\",role=\"{role}\"}}"), count))
        });
        self.by_app("awp_viewers", "Attached viewers.", viewers);
        self.by_app(
            "awp_processes",
            "Living processes.",
            each(|it| it.processes),
        );
        self.by_app(
            "awp_output_log_bytes",
            "Memory of the logs of output.",
            each(|it| it.log_bytes),
        );
        self.by_app(
            "awp_viewer_lag_bytes",
            "Output that the slowest viewer of each channel has not acknowledged, of all channels.",
            each(|it| it.lag_bytes),
        );
        self.by_app(
            "awp_viewer_lag_max_bytes",
            "Output that the slowest viewer has not acknowledged, of the channel where it is most.",
            each(|it| it.lag_max_bytes),
        );
    }

    fn processes(&mut self, core: &Core) {
        let meter = core.catalog.meter();
        for (name, help, counter) in [
            (
                "awp_sessions_started_total",
                "Sessions that were made.",
                &meter.sessions,
            ),
            (
                "awp_output_bytes_total",
                "Bytes that processes wrote.",
                &meter.output,
            ),
            (
                "awp_input_bytes_total",
                "Bytes that processes were given.",
                &meter.input,
            ),
            (
                "awp_output_pauses_total",
                "Times that a process had to wait, because nobody had taken what it wrote.",
                &meter.pauses,
            ),
            (
                "awp_screen_folds_total",
                "Times that somebody worked on a terminal's screen.",
                &meter.folds,
            ),
            (
                "awp_screen_snapshots_total",
                "Snapshots of a screen for viewers that came late or fell behind.",
                &meter.snapshots,
            ),
            (
                "awp_process_spawn_failures_total",
                "Processes that could not be started.",
                &meter.spawn_failures,
            ),
            (
                "awp_orphaned_process_groups_total",
                "Process groups that outlived the process that was ended, and were ended too.",
                &meter.orphans,
            ),
        ] {
            self.counter(name, help, counter);
        }
        let help = "How long starting a process took.";
        self.histogram("awp_process_spawn_duration_seconds", help, &meter.spawns);
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.begin(name, "histogram", help);
        let (upto, count) = histogram.cumulative();
        let bucket = format!("{name}_bucket");
        for (bound, upto) in BOUNDS.iter().zip(upto) {
            self.line(&bucket, &format!("{{le=\"{}\"}}", seconds(*bound)), upto);
        }
        self.line(&bucket, "{le=\"+Inf\"}", count);
        self.line(
            &format!("{name}_sum"),
            "",
            seconds(histogram.microseconds()),
        );
        self.line(&format!("{name}_count"), "", count);
    }

    fn refused(&mut self, refused: &Refused) {
        let name = "awp_logins_refused_total";
        self.counter(name, "Logins that were refused.", &refused.logins);
        let name = "awp_requests_refused_total";
        self.begin(
            name,
            "counter",
            "Requests that were refused, logins among them.",
        );
        for (reason, counter) in [
            ("unauthorized", &refused.unauthorized),
            ("forbidden", &refused.forbidden),
            ("wrong_host", &refused.wrong_host),
            ("over_limit", &refused.over_limit),
        ] {
            self.line(name, &format!("{{reason=\"{reason}\"}}"), counter.get());
        }
    }

    /// The server's own process, by the names that every program's exporter uses.
    fn own(&mut self) {
        let name = "awp_build_info";
        self.begin(name, "gauge", "What is running; always 1.");
        let version = env!("CARGO_PKG_VERSION");
        self.line(name, &format!("{{version=\"{version}\"}}"), 1);
        let Some(own) = own::look() else {
            return;
        };
        let memory = "process_resident_memory_bytes";
        self.gauge(memory, "Resident memory of the server itself.", own.memory);
        let open = "process_open_fds";
        self.gauge(open, "Open descriptors of the server.", own.descriptors);
        let threads = "process_threads";
        self.gauge(threads, "Threads of the server.", own.threads);
        let name = "process_cpu_seconds_total";
        self.begin(name, "counter", "Processor time of the server itself.");
        self.line(name, "", own.cpu_seconds);
    }
}

/// Microseconds as seconds, exactly.
fn seconds(microseconds: u64) -> String {
    let (whole, part) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let text = format!("{whole}.{part:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_seconds_without_loss() {
        for (micros, text) in [
            (250, "0.00025"),
            (1_000_000, "1"),
            (0, "0"),
            (1_500_001, "1.500001"),
        ] {
            assert_eq!(seconds(micros), text);
        }
    }
}
