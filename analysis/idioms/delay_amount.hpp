// How the amount of a delay changes from one turn of a loop to the next.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/idioms/delay.hpp"

namespace singularity::analysis {

// An assignment in the loop: `delay *= 2`, `delay = min(delay * 2, cap)`, `auto delay = next()`.
struct Change {
    NodeId target, value;
    bool multiplies, adds;
};

// Collects what makes an amount: the expression itself, and what its variables are made from in the loop.
class AmountReader {
public:
    AmountReader(const Code& code, NodeId loop);

    void read(NodeId amount) { read(amount, 0); }
    Growth growth() const;
    bool jitter() const { return jitter_; }

private:
    void read(NodeId amount, int depth);
    void note_operators(NodeId amount);
    void note_calls(NodeId amount);
    void note_variable(std::string_view name);
    void follow(std::string_view name, int depth);

    const Code& code_;
    NodeId loop_;
    std::vector<std::string_view> varying_;
    std::vector<Change> changes_;
    bool exponential_ = false, linear_ = false, listed_ = false, computed_ = false, jitter_ = false;
};

// The one name that a target binds, or nothing.
std::string_view single_name(const Code& code, NodeId target);

}  // namespace singularity::analysis
