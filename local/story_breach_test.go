package main

import (
	"io"
	"testing"
)

// TestABreachOverHTTP plays the demo's chapter of a breach, after the one that
// it needs.
func TestABreachOverHTTP(t *testing.T) {
	before := logTo
	logTo = io.Discard
	defer func() { logTo = before }()
	d, err := startDemo(newData(t))
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	for _, part := range []func() error{d.sixChannels, d.oneConversation, d.aBreach} {
		if err := part(); err != nil {
			t.Fatal(err)
		}
	}
}
