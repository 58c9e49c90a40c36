// The one door to PostgreSQL's headers: standard headers first, then the server's, in C linkage.
//
// The server's port.h redefines printf and its family as macros, so that sources include nothing of the
// standard library themselves.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

extern "C" {
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "varatt.h"
}

// Defines a function that SQL calls by this name: its declaration, its version record and its head.
#define SG_FUNCTION(name)      \
    extern "C" {               \
    PG_FUNCTION_INFO_V1(name); \
    }                          \
    extern "C" Datum name([[maybe_unused]] FunctionCallInfo fcinfo)
