//! What is said on a socket once it is known who is there.

use std::{
    net::IpAddr,
    pin::{Pin, pin},
    sync::Arc,
};

use async_graphql::{Request, Response, ServerError, parser::types::OperationType};
use axum::extract::ws::WebSocket;
use commands::Actor;
use futures_util::{
    StreamExt,
    future::ready,
    stream::{self, BoxStream},
};

use super::{
    End,
    ending::ending,
    messages::{FromClient, ToClient, receive, send},
    operations::Operations,
};
use crate::{
    caller::Caller,
    edge::{Api, authentication::SignedIn, circumstances::Circumstances, request::Wire},
    failure::{self, Failure},
    limits, notes,
    rates::{self, Asked},
};

/// Serves a client until one side ends it.
pub(super) async fn hold(api: &Arc<Api>, socket: &mut WebSocket, circumstances: &Circumstances, guest: SignedIn) -> End {
    let mut operations = Operations::new();
    let mut ending = pin!(ending(api, &guest, circumstances.address));
    loop {
        let message = tokio::select! {
            end = ending.as_mut() => return end,
            received = receive(socket, api.options.limits.message) => {
                let taken = received.and_then(|message| take(api, &mut operations, circumstances, &guest, message));
                match taken {
                    Ok(message) => message,
                    Err(end) => return end,
                }
            }
            (id, answer) = operations.next() => Some(told(&mut operations, id, answer)),
        };
        if let Some(message) = message
            && let Err(end) = say(socket, &message, ending.as_mut()).await
        {
            return end;
        }
    }
}

/// Sends, unless the socket must end before the client takes it.
async fn say(socket: &mut WebSocket, message: &ToClient, ending: Pin<&mut impl Future<Output = End>>) -> Result<(), End> {
    tokio::select! {
        sent = send(socket, message) => sent,
        end = ending => Err(end),
    }
}

fn told(operations: &mut Operations, id: String, answer: Option<Response>) -> ToClient {
    match answer {
        // It was never executed: there is no answer but that.
        Some(answer) if !answer.errors.is_empty() && answer.errors.iter().all(|error| error.path.is_empty()) => {
            operations.end(&id);
            ToClient::Error { id, payload: answer.errors }
        }
        Some(answer) => ToClient::Next { id, payload: Box::new(answer) },
        None => {
            operations.end(&id);
            ToClient::Complete { id }
        }
    }
}

/// Does what a client says, without waiting; what is to be said in return at once.
fn take(
    api: &Arc<Api>,
    operations: &mut Operations,
    circumstances: &Circumstances,
    guest: &SignedIn,
    message: FromClient,
) -> Result<Option<ToClient>, End> {
    match message {
        FromClient::ConnectionInit { .. } => Err(End::close(4429, "Too many initialisation requests")),
        FromClient::Ping {} => Ok(Some(ToClient::Pong)),
        FromClient::Pong {} => Ok(None),
        FromClient::Complete { id } => {
            operations.end(&id);
            Ok(None)
        }
        FromClient::Subscribe { id, .. } if operations.contains(&id) => Err(End::close(4409, "Subscriber for this id already exists")),
        FromClient::Subscribe { id, .. } if operations.len() >= api.options.limits.operations => {
            let most = api.options.limits.operations;
            let mut payload = refused(Failure::bad_input("id", format!("expected at most {most} operations at once on a socket"))).errors;
            failure::finish(&mut payload, circumstances.correlation);
            Ok(Some(ToClient::Error { id, payload }))
        }
        FromClient::Subscribe { id, payload } => {
            let answers = answers(api.clone(), circumstances.anew(), guest.actor.clone(), payload);
            operations.begin(id, stream::once(answers).flatten());
            Ok(None)
        }
    }
}

/// The answers to an operation, by somebody as they stand by now.
async fn answers(api: Arc<Api>, circumstances: Circumstances, actor: Actor, wire: Wire) -> BoxStream<'static, Response> {
    let (correlation, address) = (circumstances.correlation, circumstances.address);
    let answers = match circumstances.caller(actor).by_now(&api.services).await {
        Ok(caller) => match counted(&api, address, wire, &caller).await {
            Ok((request, fields)) => noted(&api, caller, fields, request),
            Err(error) => stream::once(ready(Response::from_errors(vec![error]))).boxed(),
        },
        Err(failure) => stream::once(ready(refused(failure))).boxed(),
    };
    let finish = move |mut answer: Response| {
        failure::finish(&mut answer.errors, correlation);
        answer
    };
    answers.map(finish).boxed()
}

/// The request, if it may be executed and is not asked for too often.
async fn counted(api: &Api, address: Option<IpAddr>, wire: Wire, caller: &Caller) -> Result<(Request, notes::Asked), ServerError> {
    let asked = Asked { address, account: caller.actor.rate_key() };
    api.options.rates.address(address, 1).map_err(|wait| limits::refusal(wait.into()))?;
    let mut request = wire.checked(api, caller.clone())?;
    let fields = notes::asked(&mut request);
    if let Err(failure) = rates::charge(&api.options.rates, &mut request, asked) {
        notes::not_done(&api.services.commands, caller, &fields, "RATE_LIMITED").await;
        return Err(limits::refusal(failure));
    }
    notes::opened(&api.services.commands, caller, &fields).await.map_err(limits::refusal)?;
    Ok((request, fields))
}

/// Answers, of which the audit is told.
fn noted(api: &Arc<Api>, caller: Caller, fields: notes::Asked, request: Request) -> BoxStream<'static, Response> {
    let (api, answers) = (api.clone(), api.schema.execute_stream(request));
    let mut unanswered = Some(notes::Unanswered::of(&api.services.commands, &caller, &fields));
    let told = Arc::new((caller, fields));
    let tell = move |mut answer: Response| {
        let (api, told, unanswered) = (api.clone(), told.clone(), unanswered.take());
        async move {
            failure::finish(&mut answer.errors, told.0.correlation);
            let (commands, (caller, asked)) = (&api.services.commands, &*told);
            match asked.kind {
                OperationType::Subscription => notes::followed(commands, caller, asked, &mut answer).await,
                OperationType::Query | OperationType::Mutation => notes::take(commands, caller, asked, &mut answer).await,
            }
            if let Some(unanswered) = unanswered {
                unanswered.answered();
            }
            answer
        }
    };
    answers.then(tell).boxed()
}

fn refused(failure: Failure) -> Response {
    Response::from_errors(vec![limits::refusal(failure)])
}
