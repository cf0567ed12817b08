//! Who is behind a registration, opened for who may see that.

use async_graphql::{Context, Object, SimpleObject};
use domain::booking::Answer;
use projections::booking::registrants;

use crate::{failure::Result, personal};

/// Who is behind a registration. What is known of somebody is null once they have been erased.
pub(crate) struct Registrant {
    pub(super) row: registrants::Model,
}

/// What somebody answered.
#[derive(SimpleObject)]
pub(crate) struct RegistrationAnswer {
    /// What the question goes by.
    key: String,
    /// To a question that takes a text, or one of its choices.
    text: Option<String>,
    number: Option<i64>,
    yes_no: Option<bool>,
    choices: Option<Vec<String>>,
}

/// Who is behind a registration. What is known of somebody is null once they have been erased.
#[Object]
impl Registrant {
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.row.name {
            Some(name) => personal::open(ctx, &name.0).await,
            None => Ok(None),
        }
    }

    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        personal::open(ctx, &self.row.email.0).await
    }

    /// Names of all who come.
    async fn attendees(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>> {
        match &self.row.attendees {
            Some(attendees) => personal::open(ctx, &attendees.0).await,
            None => Ok(None),
        }
    }

    async fn answers(&self, ctx: &Context<'_>) -> Result<Option<Vec<RegistrationAnswer>>> {
        let Some(answers) = &self.row.answers else { return Ok(None) };
        let opened = personal::open(ctx, &answers.0).await?;
        Ok(opened.map(|answers| answers.into_iter().map(|(key, answer)| RegistrationAnswer::of(key, answer)).collect()))
    }
}

impl RegistrationAnswer {
    fn of(key: String, answer: Answer) -> Self {
        let blank = Self { key, text: None, number: None, yes_no: None, choices: None };
        match answer {
            Answer::Text(text) => Self { text: Some(text), ..blank },
            Answer::Number(number) => Self { number: Some(number), ..blank },
            Answer::YesNo(yes) => Self { yes_no: Some(yes), ..blank },
            Answer::Choices(choices) => Self { choices: Some(choices), ..blank },
        }
    }
}
