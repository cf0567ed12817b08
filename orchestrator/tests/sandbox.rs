//! The sandbox driver: the suite every driver passes, and what a hostile learner may try. Run as root, everything runs once more
//! as an unprivileged user.

#![allow(clippy::print_stderr, reason = "a test that cannot run says why")]

#[path = "sandbox/crash.rs"]
mod crash;
mod driver_contract;
#[path = "sandbox/fixture.rs"]
mod fixture;
#[path = "sandbox/hostile.rs"]
mod hostile;
#[path = "sandbox/isolation.rs"]
mod isolation;
#[path = "sandbox/limits.rs"]
mod limits;
#[path = "sandbox/operation.rs"]
mod operation;

macro_rules! contract {
    ($($area:ident: $($name:ident),* $(,)?;)*) => { $( mod $area { $(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let Some(fixture) = crate::fixture::sandbox().await else { return };
            crate::driver_contract::$area::$name(fixture.driver.clone()).await;
        }
    )* } )* };
}

mod contract {
    contract! {
        lifecycle:
            applying_twice_keeps_what_stands,
            what_is_observed_follows_what_is_done,
            reverting_what_is_not_there_is_done,
            a_fallen_environment_can_be_made_again,
            an_unknown_step_is_refused_for_good,
            what_does_not_stand_runs_nothing,
            environments_are_apart;
        files:
            files_are_there_from_the_start,
            files_are_the_learners_and_replaced_whole,
            paths_out_of_the_home_are_refused,
            links_of_the_learner_are_not_followed,
            a_missing_program_is_named;
        scripts:
            the_status_is_the_scripts,
            arguments_input_and_environment_are_plain,
            output_is_kept_by_its_end_and_its_digest,
            a_long_script_is_run_whole,
            time_runs_out_for_the_whole_tree,
            a_flood_of_output_is_cut,
            what_a_check_leaves_behind_is_killed,
            a_check_sees_what_the_learner_runs,
            a_check_reaches_the_learners_server,
            scripts_run_side_by_side;
        terminals:
            a_terminal_is_an_interactive_shell_of_its_size,
            control_c_interrupts_and_job_control_works,
            output_ends_with_the_shell,
            output_that_nobody_reads_holds_the_shell_back,
            dropping_a_terminal_ends_its_session_only,
            a_fallen_environment_closes_its_terminals;
    }
}
