//! What every request can reach: configuration, database, clock, files, identity provider.

use std::{
    ops::Deref,
    sync::{Arc, OnceLock},
};

use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use tokio::sync::{Notify, watch};

use super::{
    clock::Clock,
    config::Config,
    http::{assets::Files, live},
    identity::RelyingParty,
    mail::Mailer,
    manifests::Holding,
    objects::Objects,
    outbound::Outbound,
    payment::{self, Payments},
    rest::{Limits, Operation, Reference},
    scope::Knocks,
    seats::Seats,
    usage::Usage,
};
use crate::ids::LogId;

/// Long exports at once, so that nobody's slow readers fill the node's memory.
const EXPORTS: usize = 32;
const EXPORTS_OF_A_LOG: usize = 4;

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct Stoa(Arc<Whole>);

struct Whole {
    parts: Parts,
    /// Made when the first mail is sent: its pool needs a runtime.
    mailer: OnceLock<Option<Mailer>>,
    /// Opened when the first file comes or goes.
    objects: OnceLock<Option<Objects>>,
    /// Made when something first goes out.
    outbound: OnceLock<Option<Outbound>>,
    /// Made when somebody first pays, or an event of the provider comes.
    payments: OnceLock<Option<Arc<dyn Payments>>>,
    /// Started when the first call is metered, for the same reason.
    usage: OnceLock<Usage>,
    limits: Limits,
    knocks: Knocks,
    manifests: Holding,
    reference: OnceLock<Reference>,
    listeners: Arc<Seats<[u8; 32]>>,
    exports: Arc<Seats<LogId>>,
    stopping: watch::Sender<bool>,
    sealing: Notify,
}

pub struct Parts {
    pub config: Config,
    pub db: PgPool,
    pub clock: Clock,
    pub files: Files,
    pub identity: RelyingParty,
    pub metrics: Option<PrometheusHandle>,
}

impl Stoa {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Whole {
            parts,
            mailer: OnceLock::new(),
            objects: OnceLock::new(),
            outbound: OnceLock::new(),
            payments: OnceLock::new(),
            usage: OnceLock::new(),
            limits: Limits::default(),
            knocks: Knocks::default(),
            manifests: Holding::default(),
            reference: OnceLock::new(),
            listeners: Seats::new(live::ALL, live::EACH),
            exports: Seats::new(EXPORTS, EXPORTS_OF_A_LOG),
            stopping: watch::channel(false).0,
            sealing: Notify::new(),
        }))
    }

    /// What sends mail; none where mail is not configured.
    pub fn mailer(&self) -> Option<&Mailer> {
        self.0.mailer.get_or_init(|| Mailer::new(self.config.mail.as_ref()?).ok()).as_ref()
    }

    /// Where files lie; none where that is not configured, or cannot be used (`stoa doctor` says why).
    pub fn objects(&self) -> Option<&Objects> {
        let open = || match Objects::new(self.config.assets.as_ref()?) {
            Ok(objects) => Some(objects),
            Err(problem) => {
                tracing::error!(problem, "the store of files cannot be used");
                None
            }
        };
        self.0.objects.get_or_init(open).as_ref()
    }

    /// What calls addresses that people entered; none where no TLS is to be had.
    pub fn outbound(&self) -> Option<&Outbound> {
        let open = || match Outbound::new(&self.config.outbound.allowed) {
            Ok(outbound) => Some(outbound),
            Err(error) => {
                tracing::error!(%error, "nothing can be sent to addresses that people entered");
                None
            }
        };
        self.0.outbound.get_or_init(open).as_ref()
    }

    /// Who takes payments; none where that is not configured, or no TLS is to be had.
    pub fn payments(&self) -> Option<&Arc<dyn Payments>> {
        let open = || match payment::of(&self.config.payment) {
            Ok(payments) => payments,
            Err(error) => {
                tracing::error!(%error, "no payment can be taken");
                None
            }
        };
        self.0.payments.get_or_init(open).as_ref()
    }

    /// What takes in what calls used, many at a time.
    pub fn usage(&self) -> &Usage {
        self.0.usage.get_or_init(|| Usage::start(self.db.clone(), self.config.usage))
    }

    /// How often each key and workspace called on this node.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The reference of the API; of no operations before a router was made.
    pub fn reference(&self) -> &Reference {
        self.0.reference.get_or_init(|| Reference::of(&[], &self.config.public_urls.console))
    }

    /// Keeps the reference of what is routed, once.
    pub fn describe(&self, operations: &[Operation]) {
        self.0.reference.get_or_init(|| Reference::of(operations, &self.config.public_urls.console));
    }

    /// Told when rows of an audit log were written here, which are to be sealed.
    pub fn sealing(&self) -> &Notify {
        &self.0.sealing
    }

    /// Which manifests this node holds, and whether they are in force.
    pub fn manifests(&self) -> &Holding {
        &self.0.manifests
    }

    /// The sessions that are told what comes as it comes, on this node.
    pub fn listeners(&self) -> &Arc<Seats<[u8; 32]>> {
        &self.0.listeners
    }

    /// The long exports that run on this node, by their logs.
    pub fn exports(&self) -> &Arc<Seats<LogId>> {
        &self.0.exports
    }

    /// Ends what would go on for as long as somebody listens.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Whether it was asked to stop.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stopping.subscribe()
    }

    /// What was refused on this node and is not written down yet.
    pub fn knocks(&self) -> &Knocks {
        &self.0.knocks
    }
}

impl Deref for Stoa {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0.parts
    }
}
