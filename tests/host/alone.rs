//! What the tests that run alone rely on.

use crate::common::process::{again, run_alone, this_test};

#[test]
fn a_test_knows_its_own_name() {
    assert_eq!(this_test!(), "alone::a_test_knows_its_own_name");
}

#[test]
#[should_panic(expected = "hasn't run")]
fn a_name_that_no_test_has_is_noticed() {
    run_alone(&mut again("alone::nothing_of_this_name"));
}
