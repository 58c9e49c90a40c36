// The library as the server sees it.
#include "extensions/sg_queue/src/server.hpp"

extern "C" {
PG_MODULE_MAGIC;
}
