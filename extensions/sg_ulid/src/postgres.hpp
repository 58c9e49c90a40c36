// The one door to PostgreSQL's headers: standard headers first, then the server's, in C linkage.
//
// The order is the point. The server's port.h redefines printf and its family as macros; standard
// headers that come after it would undefine them (and lose %m) or fail to compile. So every standard
// header that a source of this extension needs is named here, and sources include nothing of the
// standard library themselves. Never use the standard library's printf family here.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <limits>
#include <new>
#include <span>
#include <string_view>

#include "algo/ulid.hpp"
#include "algo/ulid_sequence.hpp"

extern "C" {
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "storage/dsm_registry.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"
#include "varatt.h"
}

// Defines a function that SQL calls by this name: its declaration, its version record and its head.
#define SG_FUNCTION(name)      \
    extern "C" {               \
    PG_FUNCTION_INFO_V1(name); \
    }                          \
    extern "C" Datum name([[maybe_unused]] FunctionCallInfo fcinfo)
