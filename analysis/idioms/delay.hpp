// Delays inside a loop: the call that waits, and how what it waits for changes from turn to turn.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "analysis/syntax/function.hpp"

namespace singularity::analysis {

enum class Growth {
    fixed,
    linear,
    exponential,
    listed,    // taken from a sequence that the loop runs over
    computed,  // asked from an object or function whose name says so
};

std::string_view name(Growth growth);

struct Delay {
    NodeId call = kNoNode;
    Growth growth = Growth::fixed;
    bool jitter = false;
    bool awaited = false;  // gives the thread to others while it waits
};

// The first delay of the loop itself (not of a loop inside it) that lies in none of `elsewhere`.
std::optional<Delay> find_delay(const Function& function, NodeId loop, const std::vector<NodeId>& elsewhere);

// The variables that change with each turn of the loop: its own, and those that are counted or grown in it.
std::vector<std::string_view> varying_names(const Code& code, NodeId loop);

}  // namespace singularity::analysis
