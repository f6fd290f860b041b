package main

import (
	"io"
	"testing"
)

// TestATicketOverHTTP plays the demo's chapter of a ticket that is handed on.
func TestATicketOverHTTP(t *testing.T) {
	before := logTo
	logTo = io.Discard
	defer func() { logTo = before }()
	d, err := startDemo(newData(t))
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	if err := d.aTicket(); err != nil {
		t.Fatal(err)
	}
}
