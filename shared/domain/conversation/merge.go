package conversation

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Merge is the edge between two conversations, or two contacts. It stays when
// it has been undone: it is the lineage.
type Merge struct {
	ID       string    `json:"id" data:"technical"`
	Of       MergeOf   `json:"of" data:"technical"`
	Into     string    `json:"into" data:"technical"`
	From     string    `json:"from" data:"technical"`
	By       string    `json:"by" data:"technical"` // opaque id of the adviser
	At       time.Time `json:"at" data:"technical"`
	UndoneBy string    `json:"undone_by,omitempty" data:"technical"`
	UndoneAt time.Time `json:"undone_at,omitzero" data:"technical"`
}

// MergeOf is what an edge joins.
type MergeOf string

const (
	OfConversations MergeOf = "conversation"
	OfContacts      MergeOf = "contact"
)

// MaxParts bounds the conversations (or contacts) under one head.
const MaxParts = 50

// Node is what merging needs of either kind: pointers to its three fields.
type Node struct {
	ID    string
	Into  *string
	Merge *string
	Parts *[]string
}

// Node returns c's merge fields.
func (c *Conversation) Node() Node { return Node{c.ID, &c.Into, &c.Merge, &c.Parts} }

// The reasons for which a merge is refused.
var (
	ErrSelf    = errors.New("a thing can't be merged into itself")
	ErrMerged  = errors.New("it has been merged already: unmerge it first, or merge the head it belongs to")
	ErrLoop    = errors.New("the target belongs to it: that would be a circle")
	ErrTooMany = fmt.Errorf("more than %d parts under one head", MaxParts)
	ErrNoMerge = errors.New("it is not merged into anything")
)

// Join draws the edge: from goes under into. Both must be loaded afresh in the
// same unit, so that two merges at once can't make a circle: into must be a
// head itself.
func Join(into, from Node, edge string) error {
	switch {
	case into.ID == from.ID:
		return ErrSelf
	case *from.Into != "":
		return ErrMerged
	case *into.Into == from.ID:
		return ErrLoop
	case *into.Into != "":
		return ErrMerged
	case len(*into.Parts) >= MaxParts:
		return ErrTooMany
	}
	*from.Into, *from.Merge = into.ID, edge
	*into.Parts = append(*into.Parts, from.ID)
	return nil
}

// Part takes the edge away; both sides are again what they were, plus what came
// in meanwhile.
func Part(into, from Node) error {
	if *from.Into != into.ID {
		return ErrNoMerge
	}
	*from.Into, *from.Merge = "", ""
	*into.Parts = slices.DeleteFunc(*into.Parts, func(id string) bool { return id == from.ID })
	return nil
}
