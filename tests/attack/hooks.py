"""What Schemathesis is told of our API beside its documents."""

import schemathesis
from hypothesis import strategies
from hypothesis_graphql import nodes

moments = strategies.datetimes().map(lambda moment: moment.isoformat() + "Z")
texts = strategies.one_of(moments, strategies.text(max_size=30))

local_times = strategies.one_of(strategies.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M")), strategies.text(max_size=30))

schemathesis.graphql.scalar("DateTime", texts.map(nodes.String))
schemathesis.graphql.scalar("LocalDateTime", local_times.map(nodes.String))
schemathesis.graphql.scalar("Position", strategies.one_of(strategies.integers().map(str), texts).map(nodes.String))
schemathesis.graphql.scalar("JSON", strategies.one_of(texts.map(nodes.String), strategies.integers().map(nodes.Int)))


@schemathesis.check
def nothing_fails_inside(ctx, response, case):
    """A fault has no status of its own in GraphQL, and a refusal is none."""
    assert response.status_code < 500, response.text
    assert b'"code":"INTERNAL"' not in response.content, response.text
