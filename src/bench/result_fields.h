#pragma once
// The members of each part of a result, said once: the encoder walks these over const parts, the parser over
// parts to be filled. A visitor is called visit(name, member) for each.

#include <concepts>
#include <type_traits>

#include "bench/result.h"

namespace felix::bench {

template <class Part, class Type>
concept MaybeConst = std::same_as<std::remove_const_t<Part>, Type>;

template <class Visit, MaybeConst<CurvePoint> Part>
void fields(Visit& visit, Part& part) {
  visit("upper_ns", part.upper_ns);
  visit("count", part.count);
}

template <class Visit, MaybeConst<LatencySummary> Part>
void fields(Visit& visit, Part& part) {
  visit("count", part.count);
  visit("min_ns", part.min_ns);
  visit("p50_ns", part.p50_ns);
  visit("p90_ns", part.p90_ns);
  visit("p99_ns", part.p99_ns);
  visit("p999_ns", part.p999_ns);
  visit("p9999_ns", part.p9999_ns);
  visit("max_ns", part.max_ns);
  visit("mean_ns", part.mean_ns);
  visit("curve", part.curve);
}

template <class Visit, MaybeConst<Parameters> Part>
void fields(Visit& visit, Part& part) {
  visit("payload_bytes", part.payload_bytes);
  visit("batch", part.batch);
  visit("fanout", part.fanout);
  visit("publishers", part.publishers);
  visit("rate", part.rate);
  visit("in_flight", part.in_flight);
  visit("loop", part.loop);
  visit("ack", part.ack);
  visit("encoding", part.encoding);
  visit("durability", part.durability);
  visit("operation", part.operation);
  visit("seed", part.seed);
  visit("warmup_s", part.warmup_s);
  visit("duration_s", part.duration_s);
  visit("profile", part.profile);
  visit("processes", part.processes);
  visit("spawned", part.spawned);
  visit("placement", part.placement);
}

template <class Visit, MaybeConst<Environment> Part>
void fields(Visit& visit, Part& part) {
  visit("cpus", part.cpus);
  visit("cpu_model", part.cpu_model);
  visit("kernel", part.kernel);
  visit("rmem_max_bytes", part.rmem_max_bytes);
  visit("wmem_max_bytes", part.wmem_max_bytes);
  visit("tls", part.tls);
  visit("transport", part.transport);
  visit("server", part.server);
  visit("command", part.command);
}

template <class Visit, MaybeConst<Counts> Part>
void fields(Visit& visit, Part& part) {
  visit("published", part.published);
  visit("acked", part.acked);
  visit("failed", part.failed);
  visit("expected", part.expected);
  visit("delivered", part.delivered);
  visit("lost", part.lost);
  visit("duplicated", part.duplicated);
  visit("reordered", part.reordered);
  visit("dropped", part.dropped);
}

template <class Visit, MaybeConst<ClientResult> Part>
void fields(Visit& visit, Part& part) {
  visit("name", part.name);
  visit("received", part.received);
  visit("lost", part.lost);
  visit("duplicated", part.duplicated);
  visit("reordered", part.reordered);
  visit("dropped", part.dropped);
  visit("latency", part.latency);
  visit("latency_from_send", part.latency_from_send);
}

template <class Visit, MaybeConst<Rates> Part>
void fields(Visit& visit, Part& part) {
  visit("window_s", part.window_s);
  visit("submitted_per_s", part.submitted_per_s);
  visit("submitted_mb_per_s", part.submitted_mb_per_s);
  visit("delivered_per_s", part.delivered_per_s);
  visit("delivered_mb_per_s", part.delivered_mb_per_s);
  visit("moved_bytes", part.moved_bytes);
  visit("send_window_bytes", part.send_window_bytes);
}

template <class Visit, MaybeConst<Cpu> Part>
void fields(Visit& visit, Part& part) {
  visit("broker_s", part.broker_s);
  visit("publisher_s", part.publisher_s);
  visit("subscriber_s", part.subscriber_s);
  visit("broker_us_per_record", part.broker_us_per_record);
  visit("publisher_us_per_record", part.publisher_us_per_record);
  visit("subscriber_us_per_record", part.subscriber_us_per_record);
}

template <class Visit, MaybeConst<SweepPoint> Part>
void fields(Visit& visit, Part& part) {
  visit("offered_per_s", part.offered_per_s);
  visit("delivered_per_s", part.delivered_per_s);
  visit("p50_ns", part.p50_ns);
  visit("p99_ns", part.p99_ns);
  visit("p999_ns", part.p999_ns);
  visit("samples", part.samples);
  visit("kept_up", part.kept_up);
}

template <class Visit, MaybeConst<TimelinePoint> Part>
void fields(Visit& visit, Part& part) {
  visit("at_s", part.at_s);
  visit("delivered_per_s", part.delivered_per_s);
  visit("p50_ns", part.p50_ns);
  visit("p99_ns", part.p99_ns);
}

template <class Visit, MaybeConst<TargetResult> Part>
void fields(Visit& visit, Part& part) {
  visit("row", part.row);
  visit("label", part.label);
  visit("figure", part.figure);
  visit("bound", part.bound);
  visit("limit", part.limit);
  visit("measured", part.measured);
  visit("lowest", part.lowest);
  visit("highest", part.highest);
  visit("status", part.status);
  visit("basis", part.basis);
}

template <class Visit, MaybeConst<Verdict> Part>
void fields(Visit& visit, Part& part) {
  visit("ok", part.ok);
  visit("reasons", part.reasons);
  visit("flags", part.flags);
}

template <class Visit, MaybeConst<Run> Part>
void fields(Visit& visit, Part& part) {
  visit("tool_version", part.tool_version);
  visit("started_at", part.started_at);
  visit("shape", part.shape);
  visit("trial", part.trial);
  visit("parameters", part.parameters);
  visit("environment", part.environment);
  visit("latency", part.latency);
  visit("latency_from_send", part.latency_from_send);
  visit("ack_latency", part.ack_latency);
  visit("relay", part.relay);
  visit("clients", part.clients);
  visit("rates", part.rates);
  visit("counts", part.counts);
  visit("cpu", part.cpu);
  visit("sweep", part.sweep);
  visit("targets", part.targets);
  visit("knee_per_s", part.knee_per_s);
  visit("timeline", part.timeline);
  visit("figures", part.figures);
  visit("floor", part.floor);
  visit("verdict", part.verdict);
  visit("notes", part.notes);
}

}  // namespace felix::bench
