// Package peer is the entrance for other organisations' events: an escalation to
// our second level, the answer to one of ours, what joint controllers tell each
// other. See shared/peer for the settings and the proof.
package peer
