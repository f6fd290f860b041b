package policy

import "testing"

// BenchmarkLoadBuiltin checks all packs strictly, as policy check does.
func BenchmarkLoadBuiltin(b *testing.B) {
	for b.Loop() {
		if _, err := Load(builtinFS()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is what a process start pays: read all, resolve one pack.
func BenchmarkStart(b *testing.B) {
	at := day("2026-11-23")
	for b.Loop() {
		s, err := load(nil, builtinFS(), nil, true)
		if err != nil {
			b.Fatal(err)
		}
		s.packs["ekc"].At(at)
	}
}
