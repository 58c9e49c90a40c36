// A worker that counts its rounds, in shared memory and in a table.
#include "pgbackend/worker.hpp"

#include "pgbackend/function.hpp"
#include "pgbackend/spi.hpp"
#include "pgbackend/test/src/shared.hpp"

namespace singularity::pgbackend {
namespace {

void tick() {
    if (board().worker_must_fail) throw Failure(ERRCODE_RAISE_EXCEPTION, "told to fail");
    in_transaction([] {
        static Statement<std::int64_t> note{"insert into bridge.arrived (number) values ($1)"};
        Spi().query(note, board().ticks + 1);
    });
    board().depth_seen = std::atoi(GetConfigOption("sg_bridge_test.depth", false, false));
    ++board().ticks;
}

}  // namespace

SG_WORKER(bridge_ticker_main) {
    WorkerLoop loop("BridgeTestTick");
    call(BackgroundWorkerInitializeConnectionByOid, DatumGetObjectId(argument), Oid{InvalidOid}, uint32{0});
    loop.run(std::chrono::milliseconds(10), tick);
}

SG_FUNCTION(bridge_start_ticker) {
    board().worker_must_fail = false;
    return fn.ret(std::int32_t{start_worker({.library = "sg_bridge_test",
                                             .function = "bridge_ticker_main",
                                             .name = "bridge ticker",
                                             .argument = ObjectIdGetDatum(MyDatabaseId)})});
}

SG_FUNCTION(bridge_ticks) {
    return fn.ret(board().ticks.load());
}

SG_FUNCTION(bridge_depth_of_ticker) {
    return fn.ret(board().depth_seen.load());
}

SG_FUNCTION(bridge_make_ticker_fail) {
    board().worker_must_fail = true;
    return fn.nothing();
}

}  // namespace singularity::pgbackend
