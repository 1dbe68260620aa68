//! How often a token may call, a student's link be opened, and an address fail to call: a client that asks for more is
//! told when to come again, so that it takes nothing from the others. Each server counts for itself.
//!
//! Only failures count against an address. Somebody whose signature is right is never kept out by what others behind the
//! same address do.

use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use governor::Quota;
use governor::middleware::StateInformationMiddleware;
use ipnet::IpNet;

use crate::api::problem::{Kind, Problem};
use crate::clock::{Clock, RateLimits, rate_limits};
use crate::config::{Config, Rate};
use crate::domain::id::CredentialId;
use crate::domain::secret::TokenHash;

/// The counts of one server.
pub struct Limits {
    requests: Option<Limit<CredentialId>>,
    links: Option<Limit<TokenHash>>,
    failures: Option<Limit<IpAddr>>,
    proxies: Vec<IpNet>,
}

/// One rule, and where each key stands.
struct Limit<K: Hash + Eq + Clone> {
    name: &'static str,
    rate: Rate,
    states: RateLimits<K, StateInformationMiddleware>,
}

/// What a client may still do, as draft-ietf-httpapi-ratelimit-headers says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The header `RateLimit-Policy`: the quota and the seconds in which it is given anew.
    pub policy: String,
    /// The header `RateLimit`: what is left of it, and the seconds until it is whole again.
    pub left: String,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limits")
    }
}

impl Limits {
    /// The limits of a configuration, with nothing counted.
    pub fn new(config: &Config, clock: &Clock) -> Self {
        Self {
            requests: config.requests.map(|rate| Limit::new("requests", rate, clock)),
            links: config.requests.map(|rate| Limit::new("requests", rate, clock)),
            failures: config.failures.map(|rate| Limit::new("failures", rate, clock)),
            proxies: config.trusted_proxies.clone(),
        }
    }

    /// Counts a verified request of a token; one too many is refused. The answer will say how many are left.
    pub fn count(&self, request: &HttpRequest, credential: CredentialId) -> Result<(), Problem> {
        use actix_web::HttpMessage as _;
        let Some(limit) = &self.requests else { return Ok(()) };
        let (allowance, wait) = limit.count(&credential);
        request.extensions_mut().insert(allowance);
        wait.map_or(Ok(()), |wait| Err(refusal("This token sends too many requests.", wait)))
    }

    /// Counts a request by a student's link, which need not open anything; of one too many, tells how many seconds to
    /// wait.
    pub fn count_link(&self, link: impl FnOnce() -> Option<TokenHash>) -> Option<u64> {
        let (_, wait) = self.links.as_ref()?.count(&link()?);
        wait.map(whole_seconds)
    }

    /// Counts a refused token or signature against the address that it came from; of one too many nothing is said but
    /// when to come again.
    pub fn count_failure(request: &HttpRequest, problem: Problem) -> Problem {
        use actix_web::HttpMessage as _;
        let Some(limits) = request.app_data::<Data<Self>>() else { return problem };
        let (Some(limit), StatusCode::UNAUTHORIZED) = (&limits.failures, problem.kind.status) else { return problem };
        let Some(address) = limits.address(request) else { return problem };
        let (allowance, wait) = limit.count(&whole(address));
        request.extensions_mut().insert(allowance);
        wait.map_or(problem, |wait| refusal("Too many requests from this address were refused.", wait))
    }

    /// Forgets those who have their whole quota again.
    pub fn forget(&self) {
        if let Some(limit) = &self.requests {
            limit.forget();
        }
        if let Some(limit) = &self.links {
            limit.forget();
        }
        if let Some(limit) = &self.failures {
            limit.forget();
        }
    }

    /// Where a request came from: the peer, unless that is a trusted proxy; then the last address in `X-Forwarded-For`
    /// that is none. What stands before it, anybody may have written.
    fn address(&self, request: &HttpRequest) -> Option<IpAddr> {
        let peer = request.peer_addr()?.ip().to_canonical();
        let headers = request.headers().get_all("x-forwarded-for");
        let forwarded: Vec<&str> =
            headers.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).collect();
        Some(client(peer, &forwarded, |address| self.proxies.iter().any(|proxy| proxy.contains(&address))))
    }
}

fn client(peer: IpAddr, forwarded: &[&str], trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut client = peer;
    for hop in forwarded.iter().rev() {
        let (true, Ok(address)) = (trusted(client), hop.trim().parse::<IpAddr>()) else { break };
        client = address.to_canonical();
    }
    client
}

/// A customer of the internet has one IPv4 address, or 2⁶⁴ IPv6 addresses, which count as one.
fn whole(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(name: &'static str, rate: Rate, clock: &Clock) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { name, rate, states: rate_limits(quota, clock).with_middleware() }
    }

    /// Counts one, and tells what is left and, where it was one too many, how long to wait.
    fn count(&self, key: &K) -> (Allowance, Option<Duration>) {
        let counted = self.states.check_key(key);
        let (left, wait) = match counted {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(governor::clock::Clock::now(self.states.clock())))),
        };
        (self.allowance(left), wait)
    }

    fn allowance(&self, left: u32) -> Allowance {
        let (name, burst) = (self.name, self.rate.burst.get());
        let seconds = |count: u32| count.div_ceil(self.rate.per_second.get());
        Allowance {
            policy: format!("\"{name}\";q={burst};w={}", seconds(burst)),
            left: format!("\"{name}\";r={left};t={}", seconds(burst - left.min(burst))),
        }
    }

    fn forget(&self) {
        self.states.retain_recent();
        self.states.shrink_to_fit();
    }
}

/// 429 with the whole seconds to wait.
fn refusal(detail: &str, wait: Duration) -> Problem {
    Problem::new(Kind::RATE_LIMITED, detail).retry_after(whole_seconds(wait))
}

/// At least one.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn dos_06_only_what_trusted_proxies_say_counts() {
        let trusted = |address: IpAddr| ["10.0.0.1", "10.0.0.2"].map(ip).contains(&address);
        for (peer, forwarded, expected) in [
            ("192.0.2.1", vec![], "192.0.2.1"),
            ("192.0.2.1", vec!["198.51.100.7"], "192.0.2.1"),
            ("10.0.0.1", vec!["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", vec!["203.0.113.9", " 198.51.100.7", "10.0.0.2 "], "198.51.100.7"),
            ("10.0.0.1", vec!["10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", vec!["198.51.100.7", "unknown"], "10.0.0.1"),
            ("10.0.0.1", vec!["::ffff:198.51.100.7"], "198.51.100.7"),
        ] {
            assert_eq!(client(ip(peer), &forwarded, trusted), ip(expected), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn one_customers_ipv6_addresses_count_as_one() {
        assert_eq!(whole(ip("2001:db8:1:2:3:4:5:6")), whole(ip("2001:db8:1:2::9")));
        assert_ne!(whole(ip("2001:db8:1:2::1")), whole(ip("2001:db8:1:3::1")));
        assert_eq!(whole(ip("192.0.2.1")), ip("192.0.2.1"));
    }
}
