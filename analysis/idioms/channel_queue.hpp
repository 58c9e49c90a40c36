// Queues and channels that wait by themselves. Taking and putting have no syntax of their own: the name
// of the operation, and evidence that the receiver is a queue (its name, or what the file makes it
// from), stand for that.
#pragma once

#include <optional>

#include "analysis/idioms/idiom.hpp"

namespace singularity::analysis {

bool is_queue(const Function& function, NodeId object);

// A local that each turn of the loop makes anew is no channel between two sides.
bool is_made_in(const Function& function, NodeId object, NodeId loop);

std::optional<Match> find_consumer(const Function& function, NodeId take);
std::optional<Match> find_producer(const Function& function, NodeId put);

}  // namespace singularity::analysis
