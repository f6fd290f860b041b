// Package policy holds what parties may agree differently, as data: who is
// controller or processor of what, service hours, retention, breach clocks,
// who answers which data-subject request, sub-processors, log terms, texts.
//
// # Packs
//
// A pack is one YAML file (packs/*.yaml, JSON Schema in schema.json). It has
// versions, each valid from a local date in the pack's zone, and extends at
// most one other pack: a party's pack extends the law of its country (law-si,
// law-sk), which extends law-eu. A later version amends the one before it. An
// agreement inside a pack (with its technical specification) overrides the
// general terms for the services it names (ekc 2.3, 7.1).
//
// Objects merge key by key, everything else (also a list) replaces what was
// inherited. Every value stands under a clause: the nearest `clause:` above it
// says "source section" ("ekc 7.14", "gdpr 33(1)"), the nearest `rules:` the
// rule ids of the project's digest of the sources. A scalar or a list takes a
// clause of its own when written as {value: 24h, clause: …}. `note:` remarks.
// `stated:` quotes what different places say of the same value.
//
// # Strict loading
//
// [Load] refuses unknown keys, values outside closed sets, aliases, and every
// value that is contradictory or unlawful; each [Finding] names file, line,
// rule and remedy. What is wrong in a source itself is marked
// `known_defect: {fault, written, why, safe}` beside the safe value that is
// used instead; it loads, with a warning. The mark excuses the one fault it
// names, and a mark without its fault is an error too.
//
// # Use
//
//	pack, err := policy.Builtin().ForTenant("ekc")
//	terms := pack.At(receivedAt)             // general terms
//	terms = pack.ForService("spot").At(now)  // with the agreement that covers it
//	class, line := terms.ClassFor(policy.Voice, "+386 1 478 87 78")
//	why, err := pack.Explain("breach.authority", now)
//
// Everything returned is shared and read-only; all of it is safe for
// concurrent use. Instants may be in any zone; dates are of the pack's zone.
package policy

//go:generate go test -run ^TestGenerated -update .
