// The library as the server sees it.
#include "extensions/sg_queue/src/shared_queue.hpp"
#include "pgbackend/settings.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init();
}

void _PG_init() {
    using namespace singularity;
    pgbackend::entry([] {
        pgbackend::define_settings(
            "sg_queue",
            pgbackend::IntSetting{
                .name = "sg_queue.index_messages",
                .description = "Messages of a queue that the index keeps one by one, at 40 bytes each; "
                               "those beyond are kept by the block of their table.",
                .value = &queue::index_bound,
                .fallback = queue::kIndexBound,
                .least = 100,
                .most = 500'000'000,
                .context = PGC_SUSET});
    });
}
