#include "pgclient/exec_fsm.hpp"

#include <gtest/gtest.h>

namespace singularity::pgclient {
namespace {

constexpr bool kBusy = true;
constexpr bool kReady = false;

// A statement that the server has received and works on.
ExecFsm running_statement() {
    ExecFsm fsm;
    fsm.start();
    fsm.flushed(Flushed::all, kBusy);
    return fsm;
}

TEST(ExecFsm, a_statement_is_flushed_awaited_read_and_finished) {
    ExecFsm fsm;
    EXPECT_EQ(fsm.start(), ExecAction::flush);
    EXPECT_EQ(fsm.flushed(Flushed::all, kBusy), ExecAction::wait_readable);
    EXPECT_EQ(fsm.woken(Wake::ready), ExecAction::consume);
    EXPECT_EQ(fsm.consumed(true, kReady), ExecAction::take_result);
    EXPECT_EQ(fsm.took(Taken::result, kReady), ExecAction::take_result);
    EXPECT_EQ(fsm.took(Taken::nothing_more, kReady), ExecAction::finish);
    EXPECT_EQ(fsm.stopped(), Wake::ready);
}

TEST(ExecFsm, an_answer_in_pieces_is_awaited_piece_by_piece) {
    ExecFsm fsm = running_statement();
    EXPECT_EQ(fsm.woken(Wake::ready), ExecAction::consume);
    EXPECT_EQ(fsm.consumed(true, kBusy), ExecAction::wait_readable);
    EXPECT_EQ(fsm.woken(Wake::ready), ExecAction::consume);
    EXPECT_EQ(fsm.consumed(true, kReady), ExecAction::take_result);
    EXPECT_EQ(fsm.took(Taken::result, kBusy), ExecAction::wait_readable);
}

TEST(ExecFsm, while_a_large_statement_is_sent_the_server_is_read_too) {
    ExecFsm fsm;
    fsm.start();
    EXPECT_EQ(fsm.flushed(Flushed::partly, kBusy), ExecAction::wait_either);
    EXPECT_EQ(fsm.woken(Wake::ready), ExecAction::consume);
    EXPECT_EQ(fsm.consumed(true, kReady), ExecAction::flush) << "sending comes before results";
    EXPECT_EQ(fsm.flushed(Flushed::all, kReady), ExecAction::take_result) << "what was read meanwhile counts";
}

TEST(ExecFsm, a_broken_connection_is_asked_for_its_reason) {
    ExecFsm sending;
    sending.start();
    EXPECT_EQ(sending.flushed(Flushed::failed, kBusy), ExecAction::take_result);
    ExecFsm receiving = running_statement();
    receiving.woken(Wake::ready);
    EXPECT_EQ(receiving.consumed(false, kBusy), ExecAction::take_result);
}

TEST(ExecFsm, a_passed_deadline_cancels_and_takes_the_answer) {
    ExecFsm fsm = running_statement();
    EXPECT_EQ(fsm.woken(Wake::expired), ExecAction::cancel);
    EXPECT_EQ(fsm.cancel_requested(), ExecAction::wait_readable);
    EXPECT_EQ(fsm.woken(Wake::ready), ExecAction::consume);
    EXPECT_EQ(fsm.consumed(true, kReady), ExecAction::take_result);
    EXPECT_EQ(fsm.took(Taken::nothing_more, kReady), ExecAction::finish);
    EXPECT_EQ(fsm.stopped(), Wake::expired);
}

TEST(ExecFsm, a_server_that_does_not_answer_the_cancellation_is_given_up) {
    ExecFsm fsm = running_statement();
    fsm.woken(Wake::cancelled);
    fsm.cancel_requested();
    EXPECT_EQ(fsm.woken(Wake::expired), ExecAction::abandon);
    EXPECT_EQ(fsm.stopped(), Wake::cancelled) << "the reason is the first one";
}

TEST(ExecFsm, a_second_cancellation_does_not_shorten_the_grace) {
    ExecFsm fsm = running_statement();
    fsm.woken(Wake::expired);
    fsm.cancel_requested();
    EXPECT_EQ(fsm.woken(Wake::cancelled), ExecAction::wait_readable);
}

TEST(ExecFsm, a_statement_stopped_half_sent_costs_the_connection) {
    ExecFsm fsm;
    fsm.start();
    fsm.flushed(Flushed::partly, kBusy);
    EXPECT_EQ(fsm.woken(Wake::expired), ExecAction::abandon);
}

TEST(ExecFsm, copy_costs_the_connection) {
    ExecFsm fsm = running_statement();
    EXPECT_EQ(fsm.took(Taken::copy, kReady), ExecAction::abandon);
}

}  // namespace
}  // namespace singularity::pgclient
