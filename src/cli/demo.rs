//! `demo`: a complete example on one machine, with a built-in LTI tool.

use std::error::Error;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;

use crate::cli::seed::{self, Account, Seeded};
use crate::cli::sign::{Caller, Request};
use crate::cli::{Done, open};
use crate::clock::{Clock, Random};
use crate::config::{Config, PublicUrl, Settings};
use crate::domain::secret::Secret;
use crate::domain::tool_provider::secret_place;
use crate::server::{Parts, Server};
use crate::store::Store;
use crate::store::tool_providers::{self, Registered};
use crate::telemetry;
use crate::web::test_tool::{self, TestTool};

/// What can be said to the demo.
#[derive(Debug, Args)]
pub struct Options {
    /// Address and port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the demo keeps its database and its key.
    #[arg(long, default_value = "demo-data")]
    data: PathBuf,
    /// Throw away what an earlier demo left there.
    #[arg(long)]
    fresh: bool,
}

/// Starts the demo and runs it until it is told to stop.
pub fn run(options: &Options) -> Done {
    if options.fresh && options.data.join(DATABASE).exists() {
        fs::remove_dir_all(&options.data)?;
    }
    fs::create_dir_all(&options.data)?;
    let _logging = telemetry::log_json("warn").map_err(|error| error.to_string())?;
    let config = config(options)?;
    actix_web::rt::System::new().block_on(async {
        let listener = crate::server::listen(config.listen)?;
        let origin = PublicUrl::of_listener(listener.local_addr()?);
        let store = open(&config)?;
        let seeded = seeded(&options.data, &store, &origin).await?;
        let test_tool = Some(test_tool(&store, &seeded, &origin).await?);
        let server =
            Server::build(&config, listener, store, Parts { clock: Clock::system(), random: Random, test_tool })?;
        println!("{}", welcome(&seeded, origin.as_str())?);
        server.run().await?;
        Ok(ExitCode::SUCCESS)
    })
}

const DATABASE: &str = "examlink.db";
const SEEDED: &str = "demo.json";
const KEY: &str = "master.key";

fn config(options: &Options) -> Result<Config, Box<dyn Error>> {
    let key = options.data.join(KEY);
    if !key.exists() {
        write_private(&key, &STANDARD.encode(Random.bytes::<32>()?))?;
    }
    let database = format!("sqlite://{}", options.data.join(DATABASE).display());
    let settings = Settings {
        database_url: database.into(),
        listen: options.listen,
        master_key_file: Some(key),
        ..Settings::default()
    };
    Ok(settings.check(Random)?)
}

/// What an earlier start planted, or what this one plants.
async fn seeded(data: &Path, store: &Store, origin: &PublicUrl) -> Result<Seeded, Box<dyn Error>> {
    let file = data.join(SEEDED);
    if file.exists() {
        return Ok(serde_json::from_str(&fs::read_to_string(file)?)?);
    }
    let seeded = seed::plant(store, seed::read(include_str!("../../seeds/demo.toml"))?, origin).await?;
    write_private(&file, &serde_json::to_string_pretty(&seeded)?)?;
    Ok(seeded)
}

/// The built-in tool with the key and secret that the seed registered. Its address follows the port of this start.
async fn test_tool(store: &Store, seeded: &Seeded, origin: &PublicUrl) -> Result<TestTool, Box<dyn Error>> {
    let (id, url) = (seeded.tool_provider_id, format!("{}{}", origin.as_str(), test_tool::PATH));
    let tool = store
        .apply(move |tx| {
            let change = |(tool, ..): &mut Registered| {
                tool.tool_url.clone_from(&url);
                Ok(())
            };
            let (tool, ..) = tool_providers::update(tx, None, id, None, change)?;
            let secret = tx.keys().open(&tool.oauth_consumer_secret, secret_place(tool.id, tool.institute_id))?;
            Ok(TestTool::new(tool.oauth_consumer_key.to_string(), secret))
        })
        .await?;
    Ok(tool)
}

fn welcome(seeded: &Seeded, server: &str) -> Result<String, Box<dyn Error>> {
    let token = seeded.exam_url.rsplit('/').next().unwrap_or_default();
    let account = |name: &str, account: &Account| {
        format!("{name:<14} api_token  {}\n{:<14} secret_key {}", account.api_token, "", account.secret_key)
    };
    let call = Request::new("GET", &format!("/exams/{}", seeded.exam_id));
    let signed = call.sign(&Caller {
        token: Secret::new(seeded.administrator.api_token.as_str()),
        secret: Secret::new(seeded.administrator.secret_key.as_str()),
        server: server.to_owned(),
    })?;
    Ok(format!(
        "Examlink demo\n\n\
         Student's exam page   {server}/sessions/{token}\n\
         API documentation     {server}/docs\n\n\
         {}\n{}\n{}\n\n\
         A signed call, good for five minutes and one use:\n\n{}\n\n\
         Press Ctrl-C to stop.",
        account("administrator", &seeded.administrator),
        account("teacher", &seeded.teacher),
        account("superuser", &seeded.superuser),
        signed.curl()
    ))
}

/// Writes a file that only its owner reads.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}
