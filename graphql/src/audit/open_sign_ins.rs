//! Who is signed in, and from where.

use async_graphql::{Context, MergedObject, Object, SimpleObject, connection::PageInfo};
use domain::kernel::AccountId;
use projections::{After, identity::sign_ins};

use crate::{
    context::Access,
    failure::Result,
    identity::{Account, Device, account, live},
    paging,
};

/// Sign-ins looked at together.
const CHUNK: u64 = 200;
/// Sign-ins looked at for one page: of most that were never closed the tokens have expired.
const MOST: u64 = 2000;

/// A sign-in whose tokens can be refreshed, and whose it is.
#[derive(MergedObject, Clone)]
pub(crate) struct OpenSignIn(Device, Owner);

/// Whose a sign-in is.
#[derive(Clone)]
pub(crate) struct Owner(AccountId);

#[Object]
impl Owner {
    /// Who has signed in.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<Account>> {
        account(ctx, self.0).await
    }
}

/// A page of sign-ins.
#[derive(SimpleObject)]
pub(crate) struct OpenSignInConnection {
    edges: Vec<OpenSignInEdge>,
    nodes: Vec<OpenSignIn>,
    page_info: PageInfo,
}

/// A sign-in and its place.
#[derive(SimpleObject)]
pub(crate) struct OpenSignInEdge {
    cursor: String,
    node: OpenSignIn,
}

/// The open sign-ins of an account or of everybody that come after one, whose tokens have not expired.
pub(super) async fn page(
    ctx: &Context<'_>,
    account: Option<AccountId>,
    after: Option<After>,
    wanted: usize,
) -> Result<OpenSignInConnection> {
    let (mut edges, mut more, mut reached, mut looked) = (Vec::new(), true, after, 0);
    while more && looked < MOST && edges.len() < wanted {
        let stretch = sign_ins::stretch(ctx.db(), account, reached, CHUNK).await?;
        (more, looked) = (stretch.more, looked + CHUNK);
        reached = stretch.end.or(reached);
        for device in live(ctx, stretch.rows).await? {
            if edges.len() == wanted {
                (more, reached) = (true, None);
                break;
            }
            let (cursor, owner) = (paging::instant(device.row.after()).text(), Owner(AccountId(device.row.account)));
            edges.push(OpenSignInEdge { cursor, node: OpenSignIn(device, owner) });
        }
    }
    let (start_cursor, last) = (edges.first().map(|edge| edge.cursor.clone()), edges.last().map(|edge| edge.cursor.clone()));
    // Where it ends before it is full, it goes on from where it stopped looking.
    let stopped = reached.filter(|_| more).map(|place| paging::instant(place).text());
    let page_info = PageInfo { has_previous_page: after.is_some(), has_next_page: more, start_cursor, end_cursor: stopped.or(last) };
    let nodes = edges.iter().map(|edge| edge.node.clone()).collect();
    Ok(OpenSignInConnection { edges, nodes, page_info })
}
