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
// Events are written by the SDK and read by our own parser, which fuzzing holds
// against the SDK's: whatever is taken here, the SDK takes and reads alike. Its
// receiver stops answering for good after clients hang up (cloudevents/sdk-go issue 1332).
// Its parsers, which could be called inline, cost four times as much for an
// event in binary mode and about three times for a structured one
// (BenchmarkBinary, BenchmarkStructured), and its JSON parser (v2.16.2) panics on
// data_base64 of one digit, takes data_base64 of another type for no data, and
// lets of two members with one name the last one win.
package cloudevent
