//! Builds the server from a configuration, and runs it until it is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Server as Running, ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, RETRY_AFTER};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App as Actix, HttpRequest, HttpResponse, HttpServer, get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use utoipa_actix_web::AppExt;

use crate::api::auth::Callers;
use crate::api::limits::Limits;
use crate::api::problem::Problem;
use crate::api::{self, openapi};
use crate::app::App;
use crate::clock::{Clock, Random};
use crate::config::{Config, PublicUrl};
use crate::domain::{Error, Result};
use crate::jobs::mailer::Mailer;
use crate::jobs::{Gradebooks, Worker};
use crate::lti::{self, CallLog, ChosenFiles, PlatformServices, Registrar, Rosters, ToolKeys};
use crate::platform::Platform;
use crate::store::files::{self, Folder};
use crate::store::{Store, jobs};
use crate::telemetry;
use crate::web as pages;
use crate::web::test_tool::{self, TestTool};
use crate::web::views::Message;

/// The time for the headers of a request.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// How long an idle connection stays open.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How often launches are written into their log.
const LOG_EVERY: Duration = Duration::from_millis(200);
/// How often what was measured is summed up.
const SUM_UP_EVERY: Duration = Duration::from_secs(5);

/// A server that listens and has not begun to answer.
pub struct Server {
    /// Where it listens; the port is the real one.
    pub address: SocketAddr,
    /// Its shared parts.
    pub app: App,
    limits: Data<Limits>,
    running: Running,
    ready: Ready,
    metrics: PrometheusHandle,
    signals: [Signal; 2],
    worker: Worker,
}

/// Whether new requests are welcome.
#[derive(Clone, Debug, Default)]
struct Ready(Arc<AtomicBool>);

/// What a server is built from beside its configuration.
#[derive(Debug)]
pub struct Parts {
    /// Tells the time.
    pub clock: Clock,
    /// Makes random values.
    pub random: Random,
    /// The demo's tool; a server in production has none.
    pub test_tool: Option<TestTool>,
}

impl Server {
    /// Puts a server together on a port and an open database. The port answers only when the server runs.
    pub fn build(config: &Config, listener: TcpListener, store: Store, parts: Parts) -> Result<Self> {
        let address = listener.local_addr().map_err(unavailable)?;
        let platform = Platform::start(store.clone(), config.keys.clone(), parts.clock.clone(), parts.random)?;
        let app = App {
            platform,
            store,
            files: config.attachments.clone().map(Folder::at),
            attachment_quota: config.attachment_quota,
            keys: config.keys.clone(),
            clock: parts.clock,
            random: parts.random,
            public_url: config.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(address)),
            signature_window_seconds: config.signature_window_seconds,
            allow_http_tools: config.allow_http_tools,
            instance_name: config.instance_name.clone(),
            contact_email: config.contact_email.clone(),
            sends_email: config.mailer.is_some(),
        };
        let services = services(config, &app);
        let outgoing = outgoing(config, &services);
        let worker = worker(config, &app, services)?;
        let ready = Ready(Arc::new(AtomicBool::new(true)));
        let metrics = telemetry::count().map_err(|error| Error::Internal(error.to_string()))?;
        let limits = Data::new(Limits::new(config, &app.clock));
        // Now, and not while the first caller waits.
        openapi::vocabulary();
        let shared =
            Shared::new((app.clone(), limits.clone(), outgoing), ready.clone(), metrics.clone(), parts.test_tool);
        let origins = config.cors_origins.clone();
        let running = HttpServer::new(move || {
            let shared = shared.clone();
            let (actix, _) = Actix::new()
                .wrap(from_fn(count_link))
                .wrap(api::cors::allow(origins.clone()))
                .wrap(from_fn(telemetry::watch))
                .wrap(from_fn(api::trim_slash))
                .into_utoipa_app()
                .service(utoipa_actix_web::scope(api::BASE).configure(api::routes))
                .split_for_parts();
            actix.configure(|server| shared.configure(server)).default_service(web::to(unrouted))
        })
        .workers(config.workers)
        .client_request_timeout(HEADERS_WITHIN)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(config.shutdown_seconds)
        .disable_signals()
        .listen(listener)
        .map_err(unavailable)?
        .run();
        // Taken before anybody is told that the server listens: whoever knows it may stop it.
        let signals = [stop_signal(SignalKind::terminate())?, stop_signal(SignalKind::interrupt())?];
        Ok(Self { address, app, limits, running, ready, metrics, signals, worker })
    }

    /// Answers until the process is told to stop (SIGTERM, Ctrl-C): then `/readyz` says no at once, no new connection
    /// is taken, and requests and jobs that were begun are finished.
    pub async fn run(self) -> std::io::Result<()> {
        let (handle, ready) = (self.running.handle(), self.ready);
        let (stop, stopped) = watch::channel(false);
        let stop = Arc::new(stop);
        actix_web::rt::spawn(stop_on_signal(handle, ready, stop.clone(), self.signals));
        actix_web::rt::spawn(sum_up(self.metrics, self.limits));
        let store = self.app.store.clone();
        actix_web::rt::spawn(log_launches(store.clone()));
        if let Some(folder) = self.app.files {
            actix_web::rt::spawn(files::sweep(folder, self.app.store, self.app.clock));
        }
        let worker = actix_web::rt::spawn(self.worker.run(stopped));
        let ran = self.running.await;
        stop.send_replace(true);
        let _ = worker.await;
        store.write_all_launches().await;
        ran
    }

    /// Makes the keys of LTI 1.3 that are due, beside everything else: it takes a second, and no launch should wait for it.
    pub fn prepare_keys(&self) {
        let platform = self.app.platform.clone();
        actix_web::rt::spawn(async move {
            if let Err(error) = platform.prepare().await {
                tracing::warn!(%error, "the keys of LTI 1.3 could not be made; the first launch tries again");
            }
        });
    }

    /// Stops the server from outside, as a signal does.
    pub fn handle(&self) -> ServerHandle {
        self.running.handle()
    }
}

/// What calls other servers while somebody waits.
type Outgoing = (ToolKeys, Registrar, ChosenFiles, Rosters);

fn outgoing(config: &Config, services: &PlatformServices) -> Outgoing {
    let fetcher = || config.fetcher.clone();
    let rosters = Rosters::new(services.clone());
    (ToolKeys::new(fetcher()), Registrar::new(fetcher()), ChosenFiles::new(fetcher()), rosters)
}

/// What calls services of platforms, for jobs and for who waits.
fn services(config: &Config, app: &App) -> PlatformServices {
    PlatformServices::new(config.fetcher.clone(), app.platform.clone(), app.clock.clone(), app.random)
}

/// What does the work after the answers.
fn worker(config: &Config, app: &App, services: PlatformServices) -> Result<Worker> {
    Ok(Worker {
        store: app.store.clone(),
        clock: app.clock.clone(),
        random: app.random,
        origin: app.public_url.as_str().to_owned(),
        mail: config.mailer.as_ref().map(Mailer::open).transpose()?,
        fetcher: config.fetcher.clone(),
        platform: app.platform.clone(),
        services,
        gradebooks: Gradebooks::default(),
    })
}

/// Sums up what was measured, and forgets callers that have not been counted lately: until then each takes a few bytes,
/// also while nobody asks for the figures.
async fn sum_up(metrics: PrometheusHandle, limits: Data<Limits>) {
    let mut time = actix_web::rt::time::interval(SUM_UP_EVERY);
    loop {
        time.tick().await;
        metrics.run_upkeep();
        limits.forget();
    }
}

async fn log_launches(store: Store) {
    let mut time = actix_web::rt::time::interval(LOG_EVERY);
    loop {
        time.tick().await;
        store.write_launches().await;
    }
}

fn stop_signal(kind: SignalKind) -> Result<Signal> {
    signal(kind).map_err(unavailable)
}

async fn stop_on_signal(
    handle: ServerHandle,
    ready: Ready,
    worker: Arc<watch::Sender<bool>>,
    [mut terminate, mut interrupt]: [Signal; 2],
) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    ready.0.store(false, Ordering::Release);
    worker.send_replace(true);
    tracing::info!("stopping");
    handle.stop(true).await;
}

/// Takes a port; port 0 takes a free one.
pub fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| Error::Unavailable(format!("cannot listen on {address}: {error}")))
}

#[allow(clippy::needless_pass_by_value)]
fn unavailable(error: std::io::Error) -> Error {
    Error::Unavailable(error.to_string())
}

/// What every worker's copy of the application shares.
#[derive(Clone)]
struct Shared {
    app: Data<App>,
    limits: Data<Limits>,
    callers: Data<Callers>,
    calls: Data<CallLog>,
    tool_keys: Data<ToolKeys>,
    registrar: Data<Registrar>,
    chosen_files: Data<ChosenFiles>,
    rosters: Data<Rosters>,
    ready: Data<Ready>,
    metrics: Data<PrometheusHandle>,
    test_tool: Option<Data<TestTool>>,
}

impl Shared {
    fn new(
        (app, limits, outgoing): (App, Data<Limits>, Outgoing),
        ready: Ready,
        metrics: PrometheusHandle,
        test_tool: Option<TestTool>,
    ) -> Self {
        let (tool_keys, registrar, chosen_files, rosters) = outgoing;
        Self {
            calls: Data::new(CallLog::new(&app.clock)),
            app: Data::new(app),
            limits,
            callers: Data::new(Callers::default()),
            tool_keys: Data::new(tool_keys),
            registrar: Data::new(registrar),
            chosen_files: Data::new(chosen_files),
            rosters: Data::new(rosters),
            ready: Data::new(ready),
            metrics: Data::new(metrics),
            test_tool: test_tool.map(Data::new),
        }
    }

    fn configure(self, server: &mut ServiceConfig) {
        server
            .app_data(self.app)
            .app_data(self.limits)
            .app_data(self.callers)
            .app_data(self.calls)
            .app_data(self.tool_keys)
            .app_data(self.registrar)
            .app_data(self.chosen_files)
            .app_data(self.rosters)
            .app_data(self.ready)
            .app_data(self.metrics)
            .service(alive)
            .service(readiness)
            .service(measured)
            .configure(crate::web::routes)
            .configure(lti::routes)
            .configure(api::docs::routes);
        if let Some(tool) = self.test_tool {
            server.app_data(tool).configure(test_tool::routes);
        }
    }
}

/// Refuses a student's link that is opened too often.
async fn count_link(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let limits = request.app_data::<Data<Limits>>();
    let wait = limits.and_then(|limits| limits.count_link(|| pages::link(request.path())));
    let Some(seconds) = wait else { return Ok(next.call(request).await?.map_into_boxed_body()) };
    let mut refused = pages::message(request.request(), Message::TooOften);
    refused.headers_mut().insert(RETRY_AFTER, seconds.into());
    Ok(request.into_response(refused))
}

/// Answers what no route takes: a person's browser with a page, a client of the API with a problem.
async fn unrouted(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") && !request.path().starts_with(api::BASE) {
        return Ok(pages::message(&request, Message::WrongLink));
    }
    Err(api::unrouted(&request))
}

/// Answers as long as the process does.
#[get("/livez")]
async fn alive() -> HttpResponse {
    text("ok\n")
}

/// Whether a load balancer should send requests: the database answers and the server is not stopping.
#[get("/readyz")]
async fn readiness(ready: Data<Ready>, app: Data<App>) -> HttpResponse {
    let database = app.store.query(crate::store::migrate::is_current).await;
    match (ready.0.load(Ordering::Acquire), database) {
        (true, Ok(true)) => text("ready\n"),
        (false, _) => not_ready("stopping\n"),
        (true, Ok(false)) => not_ready("the database has another schema\n"),
        (true, Err(error)) => {
            tracing::warn!(%error, "not ready");
            not_ready("the database is away\n")
        }
    }
}

/// Counters and times in the form that Prometheus reads.
#[get("/metrics")]
async fn measured(metrics: Data<PrometheusHandle>, app: Data<App>) -> HttpResponse {
    #[allow(clippy::cast_precision_loss)]
    metrics::gauge!("nonces_in_memory").set(app.store.nonces().len() as f64);
    if let Ok(waiting) = app.store.query(jobs::waiting).await {
        let age = waiting.since.map_or(0, |since| (app.clock.now().millis() - since.millis()).max(0));
        #[allow(clippy::cast_precision_loss)]
        metrics::gauge!("jobs_waiting").set(waiting.jobs as f64);
        #[allow(clippy::cast_precision_loss)]
        metrics::gauge!("jobs_oldest_seconds").set(age as f64 / 1_000.0);
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(metrics.render())
}

fn text(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").insert_header(("Cache-Control", "no-store")).body(text)
}

fn not_ready(why: &'static str) -> HttpResponse {
    let mut reply = HttpResponse::ServiceUnavailable();
    reply.content_type("text/plain; charset=utf-8").insert_header(("Cache-Control", "no-store")).body(why)
}
