//! The command line of Examlink.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use examlink::cli;
use examlink::domain::secret::Secret;
use mimalloc::MiMalloc;

/// A request makes some hundred small pieces of memory and hands them from thread to thread.
#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// A self-hosted exam platform that links exams to external learning tools over LTI.
#[derive(Debug, Parser)]
#[command(version)]
struct Command {
    /// A file with settings (TOML). The environment (`EXAMLINK_…`) wins over it.
    #[arg(long, global = true, env = "EXAMLINK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Start a complete example: a seeded database, a built-in LTI tool, links and credentials to try.
    Demo(cli::demo::Options),
    /// Start the server. Migrates the database first.
    Serve,
    /// Manage those who manage all institutes.
    #[command(subcommand)]
    Superuser(Superuser),
    /// The keys that sign by LTI 1.3.
    #[command(subcommand)]
    Keys(Keys),
    /// Print the message, the signature and a curl command of an API call.
    Sign(Signing),
    /// Sign an API call, send it, and print status and body.
    Call(Signing),
    /// Look at LTI 1.1 launches.
    #[command(subcommand)]
    Launch(Launch),
    /// Bring the database to this program's schema.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Create what a seed file describes, and print the credentials and links.
    Seed {
        /// A file such as seeds/demo.toml.
        file: PathBuf,
    },
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigTask),
}

#[derive(Debug, Subcommand)]
enum Superuser {
    /// Create one, and print its credentials once.
    Create {
        /// Its e-mail address.
        #[arg(long)]
        email: String,
        /// Its name.
        #[arg(long)]
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Let the next key sign from now on, as happens by itself every ninety days; servers follow within a minute.
    Rotate {
        /// Publish the one before no longer: what it signed is good no more.
        #[arg(long)]
        withdraw: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Launch {
    /// Check the signature of a launch: prints the base string, the expected signature and what is wrong.
    Verify(cli::launch::Verify),
}

#[derive(Debug, Subcommand)]
enum ConfigTask {
    /// Check the settings and print them without secrets.
    Check,
}

#[derive(Debug, Args)]
struct Signing {
    #[command(flatten)]
    request: cli::sign::Request,
    #[command(flatten)]
    caller: Caller,
}

#[derive(Debug, Args)]
struct Caller {
    /// The `api_token`.
    #[arg(long, env = "EXAMLINK_TOKEN", hide_env_values = true)]
    token: String,
    /// The `secret_key`.
    #[arg(long, env = "EXAMLINK_SECRET", hide_env_values = true)]
    secret: String,
    /// The server's public URL.
    #[arg(long, env = "EXAMLINK_SERVER", default_value = "http://127.0.0.1:8080")]
    server: String,
}

impl From<Caller> for cli::sign::Caller {
    fn from(Caller { token, secret, server }: Caller) -> Self {
        Self { token: Secret::new(token), secret: Secret::new(secret), server }
    }
}

fn main() -> ExitCode {
    let command = Command::parse();
    let config = command.config.as_deref();
    let done = match command.task {
        Task::Demo(options) => cli::demo::run(&options),
        Task::Serve => cli::serve::run(config),
        Task::Superuser(Superuser::Create { email, name }) => cli::superuser::create(config, email, name),
        Task::Keys(Keys::Rotate { withdraw }) => cli::keys::rotate(config, withdraw),
        Task::Sign(sign) => cli::sign::run(sign.request, &sign.caller.into()),
        Task::Call(call) => cli::call::run(call.request, &call.caller.into()),
        Task::Launch(Launch::Verify(launch)) => cli::launch::verify(&launch),
        Task::Migrate => cli::serve::migrate(config),
        Task::Openapi => cli::openapi(),
        Task::Seed { file } => cli::seed::run(config, &file),
        Task::Config(ConfigTask::Check) => cli::serve::check(config),
    };
    done.unwrap_or_else(|error| {
        eprintln!("examlink: {error}");
        ExitCode::FAILURE
    })
}
