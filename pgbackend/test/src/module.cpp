// The module's record, and its settings.
#include "pgbackend/format.hpp"
#include "pgbackend/function.hpp"
#include "pgbackend/settings.hpp"

namespace singularity::pgbackend {
namespace {

int depth = 0;
bool eager = false;
double ratio = 0;
char* label = nullptr;
int color = 0;
constexpr config_enum_entry kColors[] = {{"red", 0, false}, {"green", 1, false}, {nullptr, 0, false}};

void define_all() {
    define_settings("sg_bridge_test",
                    IntSetting{.name = "sg_bridge_test.depth",
                               .description = "How deep.",
                               .value = &depth,
                               .fallback = 3,
                               .least = 1,
                               .most = 9},
                    BoolSetting{.name = "sg_bridge_test.eager",
                                .description = "Whether at once.",
                                .value = &eager,
                                .fallback = true},
                    RealSetting{.name = "sg_bridge_test.ratio",
                                .description = "Which part.",
                                .value = &ratio,
                                .fallback = 0.5,
                                .least = 0,
                                .most = 1},
                    StringSetting{.name = "sg_bridge_test.label",
                                  .description = "What it is called.",
                                  .value = &label,
                                  .fallback = "none"},
                    EnumSetting{.name = "sg_bridge_test.color",
                                .description = "Which color.",
                                .value = &color,
                                .fallback = 1,
                                .options = kColors});
}

}  // namespace

SG_FUNCTION(bridge_settings_seen) {
    return fn.ret(pgbackend::format("{} {} {} {} {}", depth, eager, ratio, label, color));
}

}  // namespace singularity::pgbackend

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void _PG_init(void) {
    singularity::pgbackend::entry(singularity::pgbackend::define_all);
}
