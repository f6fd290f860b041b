// Package cloudevent reads and writes events as CloudEvents 1.0: the JSON event
// format, and the HTTP binding in its binary, structured and batched modes.
// https://github.com/cloudevents/spec/tree/v1.0.2
//
// It is strict where the specification lets a receiver be: version 1.0 only,
// attribute names of lower-case letters and digits, each once, data of a JSON
// media type. Of extensions it takes tenant, actor and traceparent; others are
// ignored and not kept, since brokers add their own (knativearrivaltime,
// tracestate), and since what nobody declared could hold anything. What an event
// must be beyond that is said by the catalogue (events.Decode).
//
// Structured and batched events are parsed by the SDK's event package, inline;
// its receiver is never used, because it stops answering for good after clients
// hang up (cloudevents/sdk-go issue 1332). The headers of binary mode are read
// here: the SDK's binding builds a generic event out of them and brings a
// logger (zap) into every binary; it costs several times what the rest of the
// parsing does (BenchmarkBinary). A test holds both against each other on
// arbitrary headers.
package cloudevent
