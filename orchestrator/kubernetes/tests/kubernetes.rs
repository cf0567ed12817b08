//! The Kubernetes driver: the suite every driver passes, on a simulated cluster and, if there is one, on a real one; what is
//! particular to clusters; and servers that do not behave.
//!
//! On the simulator, each program in a pod is alone with the pod's files: it sees no other program's processes, and they end with it.
//! Promises about processes that outlive the program that started them are kept only on a real cluster; how our own scripts keep them is
//! tested in `exec/tests.rs`.

#![allow(clippy::print_stderr, reason = "a test that cannot run says why")]

#[path = "kubernetes/connecting.rs"]
mod connecting;
#[path = "kubernetes/courier.rs"]
mod courier;
#[allow(dead_code, reason = "some promises need more than the simulator has")]
#[path = "../../tests/driver_contract/mod.rs"]
mod driver_contract;
#[path = "kubernetes/faults.rs"]
mod faults;
#[path = "kubernetes/learners.rs"]
mod learners;
#[path = "kubernetes/measured.rs"]
mod measured;
#[path = "kubernetes/namespaces.rs"]
mod namespaces;
#[path = "kubernetes/probing.rs"]
mod probing;
#[path = "kubernetes/provisioning.rs"]
mod provisioning;
#[path = "kubernetes/real.rs"]
mod real;
#[path = "kubernetes/resources.rs"]
mod resources;
#[path = "kubernetes/stage.rs"]
mod stage;
#[path = "kubernetes/vclusters.rs"]
mod vclusters;

macro_rules! simulated {
    ($($area:ident: $($name:ident),* $(,)?;)*) => { $( mod $area { $(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let stage = crate::stage::Stage::new();
            crate::driver_contract::$area::$name(stage.driver.clone()).await;
        }
    )* } )* };
}

macro_rules! on_a_real_cluster {
    ($($area:ident: $($name:ident),* $(,)?;)*) => { $( mod $area { $(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            let Some(real) = crate::real::Real::with_pods() else { return };
            crate::driver_contract::$area::$name(real.driver.clone()).await;
        }
    )* } )* };
}

/// What holds wherever programs find the pod's files.
macro_rules! promises {
    ($run:ident) => {
        $run! {
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
                scripts_run_side_by_side;
            terminals:
                a_terminal_is_an_interactive_shell_of_its_size,
                output_ends_with_the_shell,
                a_fallen_environment_closes_its_terminals;
        }
    };
}

mod contract {
    promises!(simulated);
}

mod real_contract {
    promises!(on_a_real_cluster);

    /// Where programs of one pod see each other.
    mod processes {
        on_a_real_cluster! {
            scripts:
                a_check_sees_what_the_learner_runs,
                a_check_reaches_the_learners_server;
            terminals:
                control_c_interrupts_and_job_control_works,
                dropping_a_terminal_ends_its_session_only;
        }
    }
}
