#include "sandbox/refusal.hpp"

#include <array>
#include <cstring>

#include "core/descriptor.hpp"
#include "sandbox/event_loop.hpp"
#include "sandbox/packet.hpp"

namespace singularity::sandbox {

void send_answer(int control, const wire::Answer& answer, std::string_view text) {
    std::string packet(reinterpret_cast<const char*>(&answer), sizeof answer);
    packet += text;
    send_packet(control, packet.data(), packet.size(), nullptr, 0);
}

void refuse_all(int socket, const std::string& reason, std::chrono::milliseconds duration) {
    const auto until = EventLoop::Time::clock::now() + duration;
    EventLoop loop;
    loop.watch(socket, [&] {
        std::array<char, wire::kMaxPacket> packet;
        const Arrival arrival = receive_packet(socket, packet.data(), packet.size(), false);
        if (arrival.bytes == 0) return loop.stop();
        const core::Descriptor control(arrival.count > 0 ? arrival.descriptors[0] : -1);
        wire::Request request{};
        if (arrival.bytes < static_cast<ssize_t>(sizeof request) || !control) return;
        std::memcpy(&request, packet.data(), sizeof request);
        send_answer(control.get(), {.ask = request.ask, .failed = 1}, reason);
    });
    loop.at_rest([&] {
        if (EventLoop::Time::clock::now() >= until) loop.stop();
        return std::optional(until);
    });
    loop.run();
}

}  // namespace singularity::sandbox
