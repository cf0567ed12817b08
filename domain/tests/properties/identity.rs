use std::collections::BTreeSet;

use domain::{
    identity::{
        AnyRole, DisplayName, Email, ErasureReason, Grants, Role,
        account::{Account, AccountCommand, AccountEvent},
        email_claim::{EmailClaim, EmailClaimCommand, EmailClaimEvent},
        sign_in::{Device, SignIn, SignInCommand},
    },
    kernel::{AccountId, Personal},
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use super::{at, events, play};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));

fn register() -> AccountCommand {
    AccountCommand::Register {
        email: Personal::new(ADA, Email::try_new("ada@example.org").expect("an address")),
        display_name: Personal::new(ADA, DisplayName::try_new("Ada").expect("a name")),
        password: Personal::new(ADA, "hash".to_owned()),
        roles: BTreeSet::new(),
    }
}

fn command() -> impl Strategy<Value = AccountCommand> {
    (select(&Role::ALL[..]), select(&[None, Some(ADA), Some(BOB)][..]), 0..13_u8).prop_map(|(role, by, which)| match which {
        0 => register(),
        1..5 => AccountCommand::GrantRole { account: ADA, role: role.into(), until: None, by },
        5..11 => AccountCommand::RevokeRole { account: ADA, role: role.into(), by },
        11 => AccountCommand::SignOutEverywhere { except: None },
        _ => AccountCommand::Erase { account: ADA, by, reason: ErasureReason::try_new("by letter").ok() },
    })
}

proptest! {
    #[test]
    fn an_account_stays_a_learner_and_each_event_changes_the_one_role_it_names(all in vec(command(), 0..60)) {
        let roles = |grants: &Grants| grants.iter().map(|grant| grant.role).collect::<BTreeSet<AnyRole>>();
        let mut held: Option<BTreeSet<AnyRole>> = None;
        let mut erased = false;
        for event in events(play::<Account>(all.into_iter().map(|command| (command, at(0))))) {
            prop_assert!(!erased, "nothing happens to who was erased");
            let (before, after) = match event {
                AccountEvent::Registered { roles, .. } => {
                    let roles: BTreeSet<_> = roles.into_iter().map(AnyRole::from).collect();
                    (held.replace(roles.clone()), roles)
                }
                AccountEvent::RoleGranted { grant, within: _, grants } => {
                    let mut expected = held.replace(roles(&grants)).expect("an account");
                    prop_assert!(expected.insert(grant.role), "held already");
                    (Some(expected), roles(&grants))
                }
                AccountEvent::RoleRevoked { role, within: _, grants } => {
                    let mut expected = held.replace(roles(&grants)).expect("an account");
                    prop_assert!(expected.remove(&role), "not held");
                    (Some(expected), roles(&grants))
                }
                AccountEvent::PasswordChanged { .. }
                | AccountEvent::EmailChanged { .. }
                | AccountEvent::AvatarChosen { .. }
                | AccountEvent::AvatarRemoved { .. }
                | AccountEvent::Renamed { .. }
                | AccountEvent::Suspended { .. }
                | AccountEvent::Reinstated { .. }
                | AccountEvent::PasswordRehashed { .. }
                | AccountEvent::SignedOutEverywhere { .. } => {
                    let held = held.clone().expect("an account");
                    (Some(held.clone()), held)
                }
                AccountEvent::Erased { by, .. } => {
                    let held = held.clone().expect("an account");
                    prop_assert!(by == Some(BOB) || !held.contains(&Role::Administrator.into()));
                    erased = true;
                    (Some(held.clone()), held)
                }
            };
            prop_assert!(after.contains(&Role::Learner.into()));
            prop_assert_eq!(before.unwrap_or_else(|| after.clone()), after);
        }
    }

    #[test]
    fn an_address_that_is_accepted_is_its_own_normal_form(text in "\\PC{0,20}@?\\PC{0,20}|[A-Za-z.]{1,12}@[A-Za-z.-]{1,12}") {
        if let Ok(email) = Email::try_new(&text) {
            prop_assert_eq!(Email::try_new(email.as_str()), Ok(email.clone()));
            prop_assert!(email.as_str().len() <= 254 && !email.as_str().contains(char::is_whitespace));
        }
    }

    #[test]
    fn a_name_that_is_accepted_is_its_own_normal_form(text in "\\PC{0,90}|.{0,10}") {
        if let Ok(name) = DisplayName::try_new(&text) {
            prop_assert_eq!(DisplayName::try_new(name.as_str()), Ok(name.clone()));
            prop_assert!((1..=80).contains(&name.as_str().chars().count()));
        }
    }

    #[test]
    fn an_address_is_claimed_once_by_whoever_comes_first(claims in vec(0..4_u128, 1..9)) {
        let commands = claims.iter().map(|account| (EmailClaimCommand::Claim { account: AccountId(Uuid::from_u128(*account)) }, at(0)));
        prop_assert_eq!(events(play::<EmailClaim>(commands)).len(), 1);
    }

    #[test]
    fn an_address_has_one_holder_at_a_time(all in vec((0..3, 0..3_u128), 0..30)) {
        let commands = all.iter().map(|(what, account)| {
            let account = AccountId(Uuid::from_u128(*account));
            let command = match what {
                0 => EmailClaimCommand::Claim { account },
                1 => EmailClaimCommand::Release { account },
                _ => EmailClaimCommand::Keep { account, until: at(1) },
            };
            (command, at(0))
        });
        // Who has it, or may take it back.
        let (mut holder, mut kept) = (None, None);
        for event in events(play::<EmailClaim>(commands)) {
            match event {
                EmailClaimEvent::Claimed { account } => {
                    prop_assert!(kept.take().is_none_or(|of| of == account));
                    prop_assert_eq!(holder.replace(account), None);
                }
                EmailClaimEvent::Released { account } => prop_assert_eq!(holder.take().or(kept.take()), Some(account)),
                EmailClaimEvent::Kept { account, .. } => {
                    prop_assert_eq!(holder.take(), Some(account));
                    kept = Some(account);
                }
                EmailClaimEvent::ResetAsked { .. } => {}
            }
        }
    }

    #[test]
    fn a_sign_in_opens_and_closes_at_most_once(opens in vec(any::<bool>(), 0..20)) {
        let opening = || SignInCommand::Open { account: ADA, epoch: 0, device: Device::default(), proof: None, method: None, until: at(1) };
        let command = |open| if open { opening() } else { SignInCommand::Close };
        let happened = events(play::<SignIn>(opens.iter().map(|open| (command(*open), at(0)))));
        let opened = opens.iter().position(|open| *open);
        let closed = opened.is_some_and(|first| opens[first..].contains(&false));
        prop_assert_eq!(happened.len(), usize::from(opened.is_some()) + usize::from(closed));
    }
}
