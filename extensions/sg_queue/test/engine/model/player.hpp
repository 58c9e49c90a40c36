// One of the sessions of an interleaved round: its connection, its model transaction, and the statement that
// waits for a lock, if one does.
#pragma once

#include <functional>

#include "extensions/sg_queue/test/engine/model/queue_model.hpp"
#include "extensions/sg_queue/test/engine/session.hpp"

namespace singularity::queue::testing {

// A statement that names a message by its id and may have to wait for who has it locked.
struct Named {
    enum class What { remove, archive, move, sql_remove, sql_move } what;
    Id id;
    int seconds = 0;  // a move's
    Micros started = 0;
    std::string sql;
};

struct Player {
    Player(int its_number, const std::string& dsn) : number(its_number), session(dsn) {}

    int number;
    Session session;
    ModelTransaction transaction;
    bool in_transaction = false;
    bool failed = false;  // the transaction has, and wants a rollback
    std::optional<Named> waiting;
    const Player* waits_for = nullptr;

    bool can_act() const { return !waiting; }
};

}  // namespace singularity::queue::testing
