//! Who may speak to whom: nobody, except within the environment, to the name server, and to what the workshop asks for.

use std::{collections::BTreeMap, net::IpAddr};

use k8s_openapi::{
    api::networking::v1::{
        IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    },
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

use super::{ENVIRONMENT, Facts, ObjectError, Place};

/// Never reached through a wider network: clouds' metadata, this host, and networks that are somebody's own.
const EXCEPTED: [&str; 10] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "fc00::/7",
    "fe80::/10",
];
/// Where the name server's cache listens on clusters that have one on each node.
const NODE_LOCAL_DNS: &str = "169.254.20.10/32";

impl Facts<'_> {
    /// The policies of a namespace.
    ///
    /// # Errors
    /// The workshop asks for a network that it may not have.
    pub(crate) fn policies(&self, place: &Place) -> Result<Vec<NetworkPolicy>, ObjectError> {
        let mut policies = vec![
            self.policy(place, "default-deny", Some(vec![]), Some(vec![])),
            self.policy(place, "name-resolution", None, Some(vec![dns()])),
            self.within(place),
        ];
        let Some(needs) = self.cluster() else { return Ok(policies) };
        let mut peers = Vec::new();
        for (at, network) in needs.egress.iter().enumerate() {
            let peer = self.outside(network);
            peers.push(peer.ok_or_else(|| {
                ObjectError::new(
                    format!("environment.kubernetes.egress[{at}]"),
                    format!("{network} is a private network, which is not allowed"),
                )
            })?);
        }
        if !peers.is_empty() {
            let rule = NetworkPolicyEgressRule { to: Some(peers), ports: None };
            policies.push(self.policy(place, "workshop-egress", None, Some(vec![rule])));
        }
        let api: Vec<_> = self.settings.api.endpoints.iter().map(|(address, port)| endpoint(address, *port)).collect();
        if !api.is_empty() {
            policies.push(self.policy(place, "api-server", None, Some(api)));
        }
        Ok(policies)
    }

    fn within(&self, place: &Place) -> NetworkPolicy {
        let labels = BTreeMap::from([(ENVIRONMENT.to_owned(), self.environment.0.simple().to_string())]);
        let peers = Some(vec![of_namespaces(labels)]);
        let ingress = NetworkPolicyIngressRule { from: peers.clone(), ports: None };
        let egress = NetworkPolicyEgressRule { to: peers, ports: None };
        self.policy(place, "within-the-environment", Some(vec![ingress]), Some(vec![egress]))
    }

    /// A policy for all pods; a direction that is absent is left to the others.
    fn policy(
        &self,
        place: &Place,
        name: &str,
        ingress: Option<Vec<NetworkPolicyIngressRule>>,
        egress: Option<Vec<NetworkPolicyEgressRule>>,
    ) -> NetworkPolicy {
        let directions = [("Ingress", ingress.is_some()), ("Egress", egress.is_some())];
        let types = directions.into_iter().filter(|(_, is_ruled)| *is_ruled).map(|(name, _)| name.to_owned()).collect();
        // An empty list of rules is left out: the direction is ruled, and nothing allows anything.
        let spec = NetworkPolicySpec {
            pod_selector: Some(LabelSelector::default()),
            policy_types: Some(types),
            ingress: ingress.filter(|rules| !rules.is_empty()),
            egress: egress.filter(|rules| !rules.is_empty()),
        };
        NetworkPolicy { metadata: self.metadata(Some(&place.namespace), name), spec: Some(spec) }
    }

    /// A network the workshop asks for, without what lies in it that is nobody's business; none if it is private itself.
    fn outside(&self, network: &str) -> Option<NetworkPolicyPeer> {
        let is_private = EXCEPTED.iter().any(|private| contains(private, network));
        let is_never = ["169.254.0.0/16", "fe80::/10"].iter().any(|never| contains(never, network));
        if is_never || is_private && !self.settings.allow_private_egress {
            return None;
        }
        Some(block(
            network,
            EXCEPTED.iter().filter(|excepted| contains(network, excepted)).map(|excepted| (*excepted).to_owned()).collect(),
        ))
    }
}

fn dns() -> NetworkPolicyEgressRule {
    let system = BTreeMap::from([("kubernetes.io/metadata.name".to_owned(), "kube-system".to_owned())]);
    let ports = ["UDP", "TCP"].map(|protocol| port(protocol, 53)).to_vec();
    NetworkPolicyEgressRule { to: Some(vec![of_namespaces(system), block(NODE_LOCAL_DNS, vec![])]), ports: Some(ports) }
}

fn endpoint(address: &str, number: u16) -> NetworkPolicyEgressRule {
    let bits = if address.contains(':') { 128 } else { 32 };
    let to = Some(vec![block(&format!("{address}/{bits}"), vec![])]);
    NetworkPolicyEgressRule { to, ports: Some(vec![port("TCP", number)]) }
}

fn port(protocol: &str, number: u16) -> NetworkPolicyPort {
    NetworkPolicyPort { protocol: Some(protocol.to_owned()), port: Some(IntOrString::Int(number.into())), end_port: None }
}

fn of_namespaces(labels: BTreeMap<String, String>) -> NetworkPolicyPeer {
    let selector = LabelSelector { match_labels: Some(labels), ..LabelSelector::default() };
    NetworkPolicyPeer { namespace_selector: Some(selector), ..NetworkPolicyPeer::default() }
}

fn block(network: &str, except: Vec<String>) -> NetworkPolicyPeer {
    let except = Some(except).filter(|except| !except.is_empty());
    NetworkPolicyPeer { ip_block: Some(IPBlock { cidr: network.to_owned(), except }), ..NetworkPolicyPeer::default() }
}

/// Whether `inner` lies in `outer`; what is no network lies in none.
fn contains(outer: &str, inner: &str) -> bool {
    let (Some((outer, outer_bits, outer_width)), Some((inner, inner_bits, inner_width))) = (bits(outer), bits(inner)) else { return false };
    let shift = 128 - outer_bits;
    outer_width == inner_width && inner_bits >= outer_bits && (shift == 128 || outer >> shift == inner >> shift)
}

/// A network's address at the top of 128 bits, how many of them count, and how wide addresses of its kind are.
fn bits(network: &str) -> Option<(u128, u32, u32)> {
    let (address, length) = network.split_once('/')?;
    let length = length.parse().ok()?;
    match address.parse().ok()? {
        IpAddr::V4(v4) => (length <= 32).then(|| (u128::from(u32::from(v4)) << 96, length, 32)),
        IpAddr::V6(v6) => (length <= 128).then(|| (u128::from(v6), length, 128)),
    }
}
