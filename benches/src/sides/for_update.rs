//! The same promise on plain tables: whoever registers locks the run's row, looks whether there is a place, and writes. What a good
//! application without events would do.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use load::{Fault, Figures, Order, drive, serve};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::registrations::PLACES;

/// As many as the journal has: eight that read, and one that writes.
const CONNECTIONS: u32 = 9;

/// What is asked for in an order: statements from here, or a function in the database that executes the same ones.
pub(crate) const STATEMENTS: &str = "statements";
pub(crate) const FUNCTION: &str = "function";

const TABLES: &str = "
CREATE TABLE runs (
    id uuid PRIMARY KEY,
    capacity integer NOT NULL,
    taken integer NOT NULL DEFAULT 0 CHECK (taken <= capacity)
);
CREATE TABLE registrations (
    id uuid PRIMARY KEY,
    run uuid NOT NULL,
    person uuid NOT NULL,
    state text NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    email text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (run, person)
);
CREATE FUNCTION register(a_run uuid, an_id uuid, a_person uuid, a_name text, an_email text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    is_free boolean;
BEGIN
    SELECT taken < capacity INTO STRICT is_free FROM runs WHERE id = a_run FOR UPDATE;
    INSERT INTO registrations (id, run, person, state, name, email)
        VALUES (an_id, a_run, a_person, CASE WHEN is_free THEN 'confirmed' ELSE 'waitlisted' END, a_name, an_email);
    IF is_free THEN
        UPDATE runs SET taken = taken + 1 WHERE id = a_run;
    END IF;
END $$;";

/// Takes orders for registrations; for each there is a new run that nobody is registered for.
pub(super) async fn run(url: &str) -> Result<(), Fault> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(url).await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    let connections = &pool;
    serve(|order: Order| async move { measure(connections, &order).await }).await?;
    pool.close().await;
    Ok(())
}

async fn measure(pool: &PgPool, order: &Order) -> Result<Figures, Fault> {
    let run = Uuid::now_v7();
    let capacity = i32::try_from(PLACES)?;
    sqlx::query("INSERT INTO runs (id, capacity) VALUES ($1, $2)").bind(run).bind(capacity).execute(pool).await?;
    let is_function = match order.work.as_str() {
        STATEMENTS => false,
        FUNCTION => true,
        other => return Err(format!("there is no such way to register: {other}").into()),
    };
    let came = Arc::new(AtomicU64::new(0));
    let figures = {
        let (pool, came) = (pool.clone(), Arc::clone(&came));
        drive(order, move |_, _| {
            let (pool, number) = (pool.clone(), came.fetch_add(1, Ordering::Relaxed));
            async move { if is_function { call(&pool, run, number).await } else { register(&pool, run, number).await } }
        })
        .await?
    };
    let came = i64::try_from(came.load(Ordering::Relaxed))?;
    let counted: (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE state = 'confirmed'), count(*) FILTER (WHERE state = 'waitlisted') FROM registrations WHERE run = $1",
    )
    .bind(run)
    .fetch_one(pool)
    .await?;
    let expected = (came.min(PLACES.into()), (came - i64::from(PLACES)).max(0));
    if counted == expected { Ok(figures) } else { Err(format!("{came} came, and the table has {counted:?}").into()) }
}

async fn register(pool: &PgPool, run: Uuid, number: u64) -> Result<(), Fault> {
    let mut transaction = pool.begin().await?;
    let (capacity, taken): (i32, i32) =
        sqlx::query_as("SELECT capacity, taken FROM runs WHERE id = $1 FOR UPDATE").bind(run).fetch_one(&mut *transaction).await?;
    let is_free = taken < capacity;
    sqlx::query("INSERT INTO registrations (id, run, person, state, name, email) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(Uuid::now_v7())
        .bind(run)
        .bind(Uuid::now_v7())
        .bind(if is_free { "confirmed" } else { "waitlisted" })
        .bind(format!("Person {number}"))
        .bind(format!("person{number}@example.org"))
        .execute(&mut *transaction)
        .await?;
    if is_free {
        sqlx::query("UPDATE runs SET taken = taken + 1 WHERE id = $1").bind(run).execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// One round trip, which is a transaction.
async fn call(pool: &PgPool, run: Uuid, number: u64) -> Result<(), Fault> {
    sqlx::query("SELECT register($1, $2, $3, $4, $5)")
        .bind(run)
        .bind(Uuid::now_v7())
        .bind(Uuid::now_v7())
        .bind(format!("Person {number}"))
        .bind(format!("person{number}@example.org"))
        .execute(pool)
        .await?;
    Ok(())
}
