//! The deployment's settings for calls out, and what they say of a URL and an address.

use super::address::Reach;
use super::listed::Listed;
use super::refusal::Refusal;
use crate::settings::{Environment, SettingError};
use flotilla_task::safe;
use reqwest::Url;
use std::net::{IpAddr, SocketAddr};

const LOOPBACK: &str = "OUTBOUND_LOOPBACK";
const PRIVATE: &str = "OUTBOUND_PRIVATE";

/// Where calls may go. The default is the internet, over TLS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbound {
    loopback: bool,
    listed: Vec<Listed>,
}

impl Outbound {
    /// Reads `OUTBOUND_LOOPBACK` (`deny`, or `allow` where the outside world is a
    /// stand-in on the same machine: plain http is allowed to it then) and
    /// `OUTBOUND_PRIVATE` (host names, addresses and networks that may be called
    /// although they are not public).
    ///
    /// # Errors
    /// [`SettingError`] when one holds something else.
    pub fn read(env: &Environment) -> Result<Self, SettingError> {
        let wrong = |name: &str, expected, got: &str| {
            let got = safe(&format!("{got:?}"));
            SettingError { name: name.to_owned(), expected, got }
        };
        let loopback = match env.get(LOOPBACK) {
            None | Some("deny") => false,
            Some("allow") => true,
            Some(other) => return Err(wrong(LOOPBACK, "allow or deny", other)),
        };
        let expected =
            "host names, addresses and networks such as 10.1.0.0/16, with commas between";
        let listed = env
            .list(PRIVATE)
            .into_iter()
            .map(|item| item.parse().map_err(|_| wrong(PRIVATE, expected, &item)));
        Ok(Self { loopback, listed: listed.collect::<Result<_, _>>()? })
    }

    /// Whether a call without TLS may be allowed at all.
    pub(super) const fn allows_plain(&self) -> bool {
        self.loopback
    }

    /// Whether a URL may be called at all, as far as the URL itself says.
    ///
    /// # Errors
    /// [`Refusal`] when it may not.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        let host = url.host_str().ok_or_else(|| Refusal::NotAUrl(safe(url.as_str())))?;
        let named = || safe(host);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo { host: named() });
        }
        // An address in a URL never passes a resolver. By now it is in its normal
        // form, whatever way (0x7f.1) it was written.
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        if let Some(address) = literal {
            self.admit(host, address)?;
        }
        let here =
            literal.map_or(is_localhost(host), |address| Reach::of(address) == Reach::Loopback);
        match url.scheme() {
            "https" => Ok(()),
            "http" if here && self.loopback => Ok(()),
            _ => Err(Refusal::Plain { host: named() }),
        }
    }

    /// Those of a host's addresses that may be called.
    ///
    /// # Errors
    /// [`Refusal`] when there are some and none may.
    pub(super) fn sift(
        &self,
        host: &str,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        let (mut allowed, mut refused) = (Vec::new(), None);
        for socket in found {
            match self.admit(host, socket.ip()) {
                Ok(()) => allowed.push(socket),
                Err(refusal) => refused = Some(refusal),
            }
        }
        match refused {
            Some(refusal) if allowed.is_empty() => Err(refusal),
            _ => Ok(allowed),
        }
    }

    fn admit(&self, host: &str, address: IpAddr) -> Result<(), Refusal> {
        let reach = Reach::of(address);
        let fits = match reach {
            // `localhost` may be called without TLS, so it has to be this machine.
            Reach::Public => !is_localhost(host),
            Reach::Loopback => self.loopback,
            Reach::Private | Reach::LinkLocal | Reach::Special => false,
        };
        if fits || self.listed.iter().any(|listed| listed.allows(plain(host), address)) {
            return Ok(());
        }
        let setting = if reach == Reach::Loopback { LOOPBACK } else { PRIVATE };
        Err(Refusal::Address { host: safe(host), address, reach, setting })
    }
}

/// Names that RFC 6761 keeps for this machine.
fn is_localhost(host: &str) -> bool {
    let host = plain(host).to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// A name without the dot that may end it.
fn plain(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(loopback: &'static str, private: &'static str) -> Outbound {
        let env = Environment::from([(LOOPBACK, loopback), (PRIVATE, private)]);
        Outbound::read(&env).unwrap()
    }

    fn check(outbound: &Outbound, url: &str) -> Result<(), Refusal> {
        outbound.check(&url.parse().unwrap())
    }

    #[test]
    fn the_internet_is_called_over_tls_and_nothing_else_is() {
        let outbound = settings("", "");
        assert_eq!(outbound, Outbound::default());
        for url in ["https://api.example.com/v1", "https://8.8.8.8/", "https://[2606:4700::1111]/"]
        {
            assert_eq!(check(&outbound, url), Ok(()), "{url}");
        }
        for url in ["http://api.example.com/", "ftp://api.example.com/", "http://localhost/"] {
            assert!(matches!(check(&outbound, url), Err(Refusal::Plain { .. })), "{url}");
        }
        for url in [
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://127.1./",
            "https://0/",
            "https://[::1]/",
            "https://[::ffff:8.8.8.8]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[fd00:ec2::254]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "http://192.168.0.1/",
        ] {
            assert!(matches!(check(&outbound, url), Err(Refusal::Address { .. })), "{url}");
        }
        let said = check(&outbound, "https://user:secret@api.example.com/").unwrap_err();
        assert_eq!(said, Refusal::UserInfo { host: "api.example.com".to_owned() });
        assert!(matches!(check(&outbound, "data:text/plain,x"), Err(Refusal::NotAUrl(_))));
    }

    #[test]
    fn loopback_is_allowed_for_local_runs_with_or_without_tls() {
        let outbound = settings("allow", "");
        for url in [
            "http://127.0.0.1:4580/x",
            "https://127.0.0.1/",
            "http://[::1]/",
            "http://localhost:1/",
        ] {
            assert_eq!(check(&outbound, url), Ok(()), "{url}");
        }
        assert!(check(&outbound, "http://10.0.0.1/").is_err());
        assert!(check(&outbound, "http://169.254.169.254/").is_err());
        let public = |host| outbound.sift(host, ["8.8.8.8:80".parse().unwrap()].into_iter());
        assert!(public("localhost").is_err() && public("x.localhost.").is_err());
        assert!(public("localhost.example.com").is_ok());
    }

    #[test]
    fn a_name_keeps_its_public_addresses_and_is_refused_without_one() {
        let at = |list: &str| -> Vec<SocketAddr> {
            list.split(' ').map(|ip| SocketAddr::new(ip.parse().unwrap(), 443)).collect()
        };
        let sift = |outbound: &Outbound, list| outbound.sift("carrier.test", at(list).into_iter());
        let outbound = settings("", "");
        assert_eq!(sift(&outbound, "10.0.0.1 8.8.8.8 ::1"), Ok(at("8.8.8.8")));
        let refused = sift(&outbound, "169.254.169.254").unwrap_err();
        let said = "carrier.test is at 169.254.169.254, which is link-local; OUTBOUND_PRIVATE \
                    does not allow it";
        assert_eq!(refused.to_string(), said);
        assert!(refused_by(LOOPBACK, sift(&outbound, "127.0.0.1")));
        let listed = settings("", "carrier.test, 192.168.7.0/24");
        assert_eq!(sift(&listed, "10.0.0.1 192.168.7.9"), Ok(at("10.0.0.1 192.168.7.9")));
        assert!(sift(&listed, "169.254.169.254").is_err());
        assert_eq!(outbound.sift("gone.test", std::iter::empty()), Ok(vec![]));
    }

    fn refused_by(name: &str, result: Result<Vec<SocketAddr>, Refusal>) -> bool {
        matches!(result, Err(Refusal::Address { setting, .. }) if setting == name)
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_value() {
        let error = |name, value| Outbound::read(&Environment::from([(name, value)])).unwrap_err();
        let said = error(LOOPBACK, "yes").to_string();
        assert_eq!(said, "OUTBOUND_LOOPBACK: expected allow or deny, got \"yes\"");
        let said = error(PRIVATE, "ok.internal,10.0.0.0/40").to_string();
        assert!(
            said.starts_with("OUTBOUND_PRIVATE: ") && said.ends_with("\"10.0.0.0/40\""),
            "{said}"
        );
    }
}
